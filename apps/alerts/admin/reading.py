"""How one hears of alerts oneself: by kind, and when not."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect

from apps.alerts.models import AlertHours, AlertPreference, Code, Delivery
from apps.alerts.services.kinds import KINDS
from apps.alerts.services.reading import choose
from apps.core.addresses import address_of
from apps.platforms.models.shop import validate_time_zone
from apps.platforms.regions import REGIONS
from apps.users.models import User

# What is wrong with the server is for those who look after it.
OF_SERVER = (Code.CHECKS_STOPPED,)


class ReadingForm(forms.Form):
    """One choice a kind, and the quiet hours."""

    time_zone = forms.CharField(
        label="Time zone",
        max_length=64,
        validators=[validate_time_zone],
        widget=forms.TextInput({"list": "zones", "autocomplete": "off"}),
        help_text="As Asia/Kuala_Lumpur. The digest comes at 08:00 there.",
    )
    quiet_from = forms.TimeField(
        label="Quiet from",
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
    )
    quiet_until = forms.TimeField(
        label="Quiet until",
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        help_text="What comes meanwhile is mailed when the quiet hours end. Leave both "
        "empty for none.",
    )

    def __init__(self, *args: Any, codes: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code in codes:
            kind = KINDS[code]
            usual = Delivery(kind.delivery).label
            self.fields[code] = forms.ChoiceField(
                label=str(Code(code).label),
                required=False,
                choices=[("", f"As usual: {usual.lower()}"), *Delivery.choices],
                help_text=kind.about,
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        ends = (data.get("quiet_from"), data.get("quiet_until"))
        if (ends[0] is None) != (ends[1] is None):
            raise ValidationError("Give both ends of the quiet hours, or neither.")
        return data

    @property
    def kinds(self) -> list[Any]:
        return [self[code] for code in KINDS if code in self.fields]

    @property
    def hours(self) -> list[Any]:
        return [self[name] for name in ("time_zone", "quiet_from", "quiet_until")]


def view(page: Any, request: HttpRequest) -> HttpResponse:
    """The form; `page` is the admin class it belongs to."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    user = request.user
    assert isinstance(user, User)
    codes = [code for code in KINDS if code not in OF_SERVER or user.is_superuser]
    form = ReadingForm(request.POST or None, initial=_chosen(user), codes=codes)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        choose(
            user,
            {code: data[code] for code in codes},
            time_zone=data["time_zone"],
            quiet_from=data["quiet_from"],
            quiet_until=data["quiet_until"],
            address=address_of(request),
        )
        messages.success(request, "Saved. It holds from the next alert on.")
        return redirect("admin:alerts_alert_reading")
    common = {region.time_zone for region in REGIONS.values()} | {"UTC"}
    context = {
        "title": "What I hear of",
        "form": form,
        "has_mail": bool(user.email),
        "zones": sorted(common & available_timezones()),
    }
    answer: HttpResponse = page.own_page(request, "alerts/reading.html", context)
    return answer


def _chosen(user: User) -> dict[str, Any]:
    chosen: dict[str, Any] = dict(
        AlertPreference.objects.visible_to(user).values_list("code", "delivery")
    )
    hours = AlertHours.objects.filter(user=user).first() or AlertHours()
    return chosen | {
        "time_zone": hours.time_zone,
        "quiet_from": hours.quiet_from,
        "quiet_until": hours.quiet_until,
    }
