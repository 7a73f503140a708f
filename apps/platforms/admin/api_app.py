"""The apps registered in Partner Center. Secrets are written, never shown."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminPasswordWidget

from apps.core.addresses import address_of
from apps.core.admin import ModelAdmin, changes_in
from apps.platforms.admin.words import secret_hint
from apps.platforms.models import ApiApp
from apps.platforms.services.app_secrets import note_changed
from apps.platforms.services.trail import Actor
from apps.users.models import User
from apps.users.services import audit


class ApiAppForm(forms.ModelForm):  # type: ignore[type-arg]
    """The secret can be set or replaced, never read back."""

    new_secret = forms.CharField(
        label="App secret",
        required=False,
        strip=True,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
        help_text="Leave empty to keep the secret that is set.",
    )

    class Meta:
        model = ApiApp
        fields = (
            "name",
            "client",
            "platform",
            "environment",
            "app_key",
            "service_id",
            "scope_category",
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.instance.pk and not data.get("new_secret"):
            self.add_error("new_secret", "A new app needs its secret.")
        return data

    def save(self, commit: bool = True) -> ApiApp:  # noqa: FBT001, FBT002 (Django's)
        if secret := self.cleaned_data.get("new_secret"):
            self.instance.app_secret = secret
        saved: ApiApp = super().save(commit)
        return saved


class ApiAppAdmin(ModelAdmin):
    form = ApiAppForm
    list_display = [
        "name",
        "client",
        "app_key",
        "scope_category",
        "environment",
        "secret",
    ]
    list_select_related = ["client"]
    search_fields = ["name", "app_key"]

    def save_model(
        self, request: HttpRequest, obj: ApiApp, form: Any, change: Any
    ) -> None:
        """The trail says what changed; of the secret, that it did."""
        assert isinstance(request.user, User)
        address = address_of(request)
        changes = changes_in(form, but=["new_secret"])
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            if changes or not change:
                audit.record(
                    "changed app" if change else "added app",
                    obj,
                    actor=request.user,
                    client=obj.client,
                    address=address,
                    changes=changes,
                )
            if form.cleaned_data.get("new_secret"):
                by = Actor(request.user, address=address)
                note_changed(obj, "app secret", by=by, was_set=bool(change))

    def delete_model(self, request: HttpRequest, obj: ApiApp) -> None:
        assert isinstance(request.user, User)
        with transaction.atomic():
            audit.record(
                "deleted app",
                obj,
                actor=request.user,
                client=obj.client,
                address=address_of(request),
            )
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with transaction.atomic():
            for app in queryset:
                self.delete_model(request, app)

    @admin.display(description="Secret")
    def secret(self, app: ApiApp) -> str:
        return secret_hint(str(app.app_secret))
