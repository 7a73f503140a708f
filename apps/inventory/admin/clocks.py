"""A moment that people type, read on the clock they choose."""

from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from apps.platforms.models import Shop
from apps.users.models import Client

MOMENT_FORMATS = ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")


def moment_field(label: str, help_text: str) -> forms.DateTimeField:
    widget = forms.DateTimeInput({"type": "datetime-local"}, MOMENT_FORMATS[0])
    return forms.DateTimeField(
        label=label,
        required=False,
        widget=widget,
        input_formats=MOMENT_FORMATS,
        help_text=help_text,
    )


class ClockedForm(forms.Form):
    """One with the fields `moment` and `zone`; the moment comes out in UTC."""

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        moment, zone = found.get("moment"), found.get("zone")
        if moment is not None and zone:
            try:
                found["moment"] = moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
            except OverflowError:  # of year 1 or 9999, where UTC is in another
                self.add_error("moment", "Enter a valid date and time.")
        return found


def zones_of(client: Client) -> list[tuple[str, str]]:
    """Clocks to read a moment on: the shops', the main one's first, and UTC."""
    shops = Shop.objects.filter(client=client).order_by("-is_default", "pk")
    names = dict.fromkeys([*shops.values_list("time_zone", flat=True), "UTC"])
    return [(name, name.replace("_", " ")) for name in names]
