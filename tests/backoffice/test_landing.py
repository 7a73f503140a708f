"""Where people land after signing in."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

pytestmark = pytest.mark.django_db


def may(user, codename):
    user.user_permissions.add(Permission.objects.get(codename=codename))


def test_people_who_see_orders_land_on_the_orders(client, visitor):
    may(visitor, "view_order")
    may(visitor, "view_shop")
    client.force_login(visitor)

    response = client.get("/")

    assert response["Location"] == reverse("admin:orders_order_changelist")


def test_people_without_orders_land_on_what_they_may_see(client, visitor):
    may(visitor, "view_shop")
    client.force_login(visitor)

    response = client.get("/")

    assert response["Location"] == reverse("admin:platforms_shop_changelist")


def test_people_without_any_work_see_the_index(client, visitor):
    client.force_login(visitor)

    response = client.get("/", follow=True)

    assert response.redirect_chain == [(reverse("admin:index"), 302)]
    assert response.status_code == 200


def test_strangers_are_asked_to_sign_in_and_come_to_the_work(client, superuser):
    superuser.set_password("a long enough password")
    superuser.save()
    page = client.get("/", follow=True)
    assert page.redirect_chain[-1][0].startswith(reverse("admin:login"))

    signed_in = client.post(
        reverse("admin:login"),
        {"username": superuser.username, "password": "a long enough password"},
    )

    assert signed_in["Location"] == "/"
