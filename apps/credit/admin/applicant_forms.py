"""Forms about applicants."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from apps.credit.models import Applicant, ShopStanding
from apps.platforms.models import Shop
from apps.users.models import AnyUser, Client
from apps.users.roles import SCORE_APPLICANT

MOST_BUYERS = 50


class ApplicantForm(forms.Form):
    """A new applicant of one of `clients`, or the accounts of one that is there."""

    client = forms.ModelChoiceField(Client.objects.none(), empty_label=None)
    reference = forms.CharField(
        max_length=80, help_text="How the applicant is called where the loan is made."
    )
    shops = forms.ModelMultipleChoiceField(
        Shop.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Their income is added up; each is counted for one applicant alone.",
    )
    buyer_ids = forms.CharField(
        label="Their own accounts as buyers",
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="TikTok's user IDs, one a line: what they buy from themselves is no "
        "income.",
    )

    def __init__(
        self,
        *args: Any,
        user: AnyUser,
        clients: QuerySet[Client] | None = None,
        applicant: Applicant | None = None,
        **kwargs: Any,
    ) -> None:
        if applicant is not None:
            shown = applicant.shown.filter(ended_at=None)
            kwargs["initial"] = {
                "shops": list(shown.values_list("shop", flat=True)),
                "buyer_ids": "\n".join(map(str, applicant.buyer_ids)),
            }
        super().__init__(*args, **kwargs)
        shops = Shop.objects.visible_to(user, SCORE_APPLICANT).select_related("client")
        if applicant is not None:
            del self.fields["client"], self.fields["reference"]
            shops = shops.filter(client=applicant.client_id)
        elif clients is not None:
            self._choices("client", clients)
            shops = shops.filter(client__in=clients)
        self._choices("shops", shops.order_by("client__name", "name"))

    def clean_buyer_ids(self) -> list[str]:
        found = self.cleaned_data["buyer_ids"].split()
        if len(found) > MOST_BUYERS or any(len(one) > 64 for one in found):
            raise forms.ValidationError(f"At most {MOST_BUYERS} user IDs.")
        return sorted(set(found))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        client, shops = cleaned.get("client"), cleaned.get("shops", ())
        if client is not None and any(shop.client_id != client.pk for shop in shops):
            self.add_error("shops", f"Tick shops of {client} alone.")
        return cleaned

    def _choices(self, name: str, rows: QuerySet[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = rows


class StandingForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = ShopStanding
        fields = ("seller_type", "reviews", "sps", "violation_points", "warnings")
