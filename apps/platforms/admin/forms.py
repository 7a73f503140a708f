"""What staff may write about a shop."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from apps.platforms.models import Shop
from apps.platforms.services.features import Feature, State
from apps.sync.models import Resource, SyncSchedule
from apps.users.models import AnyUser, Client
from apps.users.roles import CHANGE_SHOP

LONGEST_PERIOD = timedelta(days=366)


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    seller_center_url = forms.URLField(
        label="Seller Center address",
        required=False,
        max_length=200,
        assume_scheme="https",
        help_text="Leave empty to use the region's.",
    )

    class Meta:
        model = Shop
        fields = (
            "name",
            "client",
            "environment",
            "time_zone",
            "seller_center_url",
            "rating",
            "product_count",
            "follower_count",
        )
        widgets = {
            "rating": forms.NumberInput({"min": "0", "max": "5", "step": "0.01"}),
        }
        help_texts = {
            "environment": "The figures of a test shop stay out of all sums.",
            "time_zone": "An IANA name such as Europe/London; a shop's day follows it.",
        }

    def __init__(self, *args: Any, user: AnyUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        client = self.fields["client"]
        assert isinstance(client, forms.ModelChoiceField)
        # Beside its own, clients one runs: a shop is given away to nobody else.
        runs = Client.objects.permitting(user, CHANGE_SHOP)
        client.queryset = runs | Client.objects.filter(pk=self.instance.client_id)

    def clean_rating(self) -> Any:
        stars = self.cleaned_data["rating"]
        if stars is not None and not 0 <= stars <= 5:
            raise forms.ValidationError("A rating lies between 0 and 5.")
        return stars


class FeatureForm(forms.Form):
    """A switch for each feature; those the region lacks cannot be moved."""

    def __init__(self, data: Any, states: dict[Feature, State]) -> None:
        super().__init__(data)
        for feature, state in states.items():
            missing = state == State.UNAVAILABLE
            self.fields[feature.value] = forms.BooleanField(
                label=feature.label,
                required=False,
                initial=state == State.ON,
                disabled=missing,
                help_text="not available in this region" if missing else "",
            )

    @property
    def wanted(self) -> dict[Feature, bool]:
        return {
            feature: bool(self.cleaned_data[feature.value])
            for feature in Feature
            if not self.fields[feature.value].disabled
        }


class IntervalForm(forms.ModelForm):  # type: ignore[type-arg]
    """How often one resource of a shop is pulled; the prefix names the resource."""

    class Meta:
        model = SyncSchedule
        fields = ("is_on", "minutes")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.resource = Resource(self.instance.resource)


class PeriodForm(forms.Form):
    """Days of the shop's own calendar, both included."""

    since = forms.DateField(label="From", widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label="To", widget=forms.DateInput({"type": "date"}))

    def __init__(self, data: Any, shop: Shop) -> None:
        super().__init__(data, prefix="period")
        self.shop = shop

    def clean(self) -> dict[str, Any]:
        days = super().clean() or self.cleaned_data
        since, until = days.get("since"), days.get("until")
        if since is None or until is None:
            return days
        if until < since:
            raise forms.ValidationError("The period ends before it begins.")
        if until - since >= LONGEST_PERIOD:
            raise forms.ValidationError("A period has at most 366 days.")
        if self._midnight(since) > timezone.now():
            raise forms.ValidationError("The period has not begun yet.")
        return days

    @property
    def instants(self) -> tuple[datetime, datetime]:
        """The half-open period in UTC; it ends now at the latest."""
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        end = self._midnight(until + timedelta(days=1))
        return self._midnight(since), min(end, timezone.now())

    def _midnight(self, day: Any) -> datetime:
        return datetime.combine(day, time(), tzinfo=self.shop.zone).astimezone(UTC)
