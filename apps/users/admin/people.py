"""People who sign in. Superusers look after them; everybody else has the team page."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from apps.core.addresses import address_of
from apps.core.admin import ModelAdmin, ago, badge
from apps.core.errors import DomainError
from apps.platforms.services.team.accounts import set_active, set_superuser
from apps.platforms.services.team.seats import seat_of
from apps.users.admin.who import superuser_of
from apps.users.models import User
from apps.users.services import audit
from apps.users.services.second_factor import is_on, reset

# Name in the address: (service, what becomes of it, what to say).
DEEDS: dict[str, tuple[Any, dict[str, bool], str]] = {
    "shut-out": (set_active, {"is_active": False}, "{} is shut out, at once."),
    "let-in": (set_active, {"is_active": True}, "{} may sign in again."),
    "make-superuser": (
        set_superuser,
        {"is_superuser": True},
        "{} is a superuser now.",
    ),
    "end-superuser": (
        set_superuser,
        {"is_superuser": False},
        "{} is no superuser any more.",
    ),
}


class PersonForm(UserCreationForm):  # type: ignore[misc]
    """Somebody new with a password for them; an invitation lets them choose it."""

    class Meta(UserCreationForm.Meta):  # type: ignore[misc]
        fields = ("username", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].required = True


class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]
    form = UserChangeForm
    add_form = PersonForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "full_name", "email", "state", "signed_in"]
    list_filter = ["is_active", "is_superuser"]
    filter_horizontal = ()
    # What people may do comes from their roles; groups would promise in vain.
    fieldsets = (
        (None, {"fields": ("username",)}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "email")}),
        ("Password", {"fields": ("password1", "password2")}),
    )
    readonly_fields = ("last_login", "date_joined")
    change_form_outer_after_template = "users/person.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return ModelAdmin.get_queryset(self, request)

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        ours = [
            path(
                "<path:object_id>/second-factor/",
                wrap(require_POST(self.reset_second_factor)),
                name="users_user_second_factor",
            ),
            path(
                "<path:object_id>/do/<slug:deed>/",
                wrap(require_POST(self.act_view)),
                name="users_user_act",
            ),
        ]
        return [*ours, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        person = kwargs.get("obj")
        context["has_second_factor"] = person is not None and is_on(person)
        if person is not None:
            context["memberships"] = _memberships(person)
            context["is_oneself"] = person.pk == request.user.pk
        answer: HttpResponse = super().render_change_form(
            request, context, *args, **kwargs
        )
        return answer

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        """Who has an account may enter; what they may do there, roles say."""
        obj.is_staff = True
        names = [name for name in form.changed_data if name in _SAID_OF_A_PERSON]
        changes = {name: [form.initial.get(name), getattr(obj, name)] for name in names}
        super().save_model(request, obj, form, change)
        if names or not change:
            audit.record(
                "changed a person" if change else "added a person",
                obj,
                actor=superuser_of(request),
                address=address_of(request),
                changes=changes if change else {},
            )

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        response: HttpResponse = super().user_change_password(request, id, form_url)
        person = self.get_object(request, id)
        # It answers with a page where the form did not hold.
        if request.method == "POST" and response.status_code == 302 and person:
            audit.record(
                "set somebody's password",
                person,
                actor=superuser_of(request),
                address=address_of(request),
            )
        return response

    def act_view(self, request: HttpRequest, object_id: str, deed: str) -> HttpResponse:
        """Shut out, let in, make superuser or no longer."""
        actor = superuser_of(request)
        if deed not in DEEDS:
            raise Http404
        person = self.get_object(request, object_id)
        if person is None:
            missing: HttpResponse = self._get_obj_does_not_exist_redirect(
                request, self.opts, object_id
            )
            return missing
        service, wanted, words = DEEDS[deed]
        try:
            changed = service(actor, person, address=address_of(request), **wanted)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            text = words.format(person) if changed else "It was so already."
            messages.success(request, text)
        return redirect("admin:users_user_change", person.pk)

    @admin.display(description="Name", ordering="first_name")
    def full_name(self, person: User) -> str:
        return person.get_full_name() or "—"

    @admin.display(description="State", ordering="is_active")
    def state(self, person: User) -> SafeString:
        if not person.is_active:
            return badge("Inactive", "neutral")
        return (
            badge("Superuser", "attention")
            if person.is_superuser
            else badge("Active", "good")
        )

    @admin.display(description="Signed in", ordering="last_login")
    def signed_in(self, person: User) -> SafeString | str:
        return ago(person.last_login) if person.last_login else "never"

    def reset_second_factor(self, request: HttpRequest, object_id: str) -> HttpResponse:
        person = self.get_object(request, object_id)
        if not request.user.is_superuser or person is None:
            raise PermissionDenied
        assert isinstance(request.user, User)
        if reset(person, by=request.user, address=address_of(request)):
            messages.success(request, f"{person} signs in with the password alone now.")
        else:
            messages.info(request, f"{person} had no second factor.")
        return redirect("admin:users_user_change", person.pk)

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        """People are made inactive or erased; what they did stays theirs."""
        return False


# What the form writes itself; the rest goes through services.
_SAID_OF_A_PERSON = ("username", "first_name", "last_name", "email")


def _memberships(person: User) -> list[dict[str, Any]]:
    """Where they work, and as what."""
    rows = person.memberships.select_related("client").prefetch_related(
        "shop_roles__shop"
    )
    return [
        {
            "member": row,
            "role": seat_of(row).in_words if row.permissions or row.role else "No role",
            "shops": [
                (own.shop, seat_of(own).in_words) for own in row.shop_roles.all()
            ],
        }
        for row in rows
    ]
