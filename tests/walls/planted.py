"""The site with holes in it, each of another kind; the walk has to find them all."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import get_object_or_404
from django.urls import path
from django_celery_beat.models import IntervalSchedule

from apps.orders.models import Order
from apps.platforms.models import Shop
from apps.users.models import Client
from apps.users.roles import VIEW_SHOP
from apps.users.services import audit
from config import urls


def sound(request: HttpRequest, pk: int) -> HttpResponse:
    """No hole: for comparison."""
    shop = get_object_or_404(Shop.objects.visible_to(request.user), pk=pk)
    return HttpResponse(shop.name)


def shown(request: HttpRequest) -> HttpResponse:
    names = Shop.objects.values_list("name", flat=True)
    return HttpResponse(headers={"X-Shops": ", ".join(names)})


def numbered(request: HttpRequest) -> HttpResponse:
    keys = Client.objects.order_by("pk").values_list("pk", flat=True)
    return HttpResponse(f"{max(keys):,}")


def status(request: HttpRequest, pk: int) -> HttpResponse:
    shop = get_object_or_404(Shop, pk=pk)
    may = request.user.has_perm(VIEW_SHOP, shop)
    return HttpResponse(status=200 if may else 403)


def words(request: HttpRequest, pk: int) -> HttpResponse:
    exists = Shop.objects.filter(pk=pk).exists()
    return HttpResponseNotFound("Not yours." if exists else "Not there.")


def queries(request: HttpRequest, pk: int) -> HttpResponse:
    shop = Shop.objects.filter(pk=pk).first()
    if shop is not None and not shop.orders.exists():
        return HttpResponse("Empty.")
    return HttpResponseNotFound("Not there.")


def filtered(request: HttpRequest) -> HttpResponse:
    wanted = [int(key) for key in request.GET.getlist("shop") if key.isdecimal()]
    count = Order.objects.filter(shop__in=wanted).count()
    return HttpResponse(f"{count} orders")


def written(request: HttpRequest) -> HttpResponse:
    Shop.objects.filter(pk=request.POST.get("shop", 0)).update(name="Taken")
    return HttpResponse("Thank you.")


def renamed(request: HttpRequest) -> HttpResponse:
    """Forgets that there are people who may only look."""
    if request.method == "POST":
        Shop.objects.visible_to(request.user).update(name="Renamed")
    return HttpResponse("Thank you.")


def noted(request: HttpRequest) -> HttpResponse:
    """Does nothing to the shop, but writes into its client's trail."""
    shop = Shop.objects.filter(pk=request.POST.get("shop", 0)).first()
    if shop is not None:
        audit.record("looked at", shop, process="planted", client=shop.client)
    return HttpResponse("Thank you.")


def scheduled(request: HttpRequest) -> HttpResponse:
    """Lets anybody change the server's timetable."""
    if request.method == "POST":
        IntervalSchedule.objects.create(every=1, period="hours")
    return HttpResponse("Thank you.")


def given(request: HttpRequest) -> HttpResponse:
    """A form that offers what one may choose, and takes anything."""
    if request.method == "POST":
        client = get_object_or_404(Client, pk=request.POST["client"])
        return HttpResponse(f"For {'somebody' if client.is_active else 'nobody'}.")
    offered = Client.objects.visible_to(request.user, VIEW_SHOP).first()
    return HttpResponse(
        '<form method="post"><select name="client">'
        f'<option value="{offered.pk if offered else ""}">Choose</option></select>'
        "<button>Go</button></form>"
    )


def broken(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse(Shop.objects.visible_to(request.user).get(pk=pk).name)


_holes = [
    path("sound/<int:pk>/", sound, name="planted_sound"),
    path("shown/", shown, name="planted_shown"),
    path("numbered/", numbered, name="planted_numbered"),
    path("status/<int:pk>/", status, name="planted_status"),
    path("words/<int:pk>/", words, name="planted_words"),
    path("queries/<int:pk>/", queries, name="planted_queries"),
    path("filtered/", filtered, name="planted_filtered"),
    path("written/", written, name="planted_written"),
    path("renamed/", renamed, name="planted_renamed"),
    path("noted/", noted, name="planted_noted"),
    path("scheduled/", scheduled, name="planted_scheduled"),
    path("given/", given, name="planted_given"),
    path("broken/<int:pk>/", broken, name="planted_broken"),
]
urlpatterns = [*urls.urlpatterns, *_holes]
