"""What people say of a new document as a whole: where, when, why, from whom."""

from typing import Any

from django import forms

from apps.inventory.admin.clocks import ClockedForm, moment_field, zones_of
from apps.inventory.models import StockDocument, Warehouse
from apps.products.models import Supplier
from apps.users.models import AnyUser, Client
from apps.users.models.people import places_of
from apps.users.roles import VIEW_COST

Kind = StockDocument.Kind
# Fields that only some kinds have.
_ONLY = {
    "to_warehouse": {Kind.TRANSFER},
    "supplier": {Kind.RECEIPT},
    "reason": {Kind.ADJUSTMENT},
    "direction": {Kind.QUARANTINE},
}
_MOMENTS = {
    Kind.RECEIPT: "Received at",
    Kind.COUNT: "As counted at",
    Kind.HOLD: "Held since",
}


class HeadForm(ClockedForm):
    warehouse = forms.ModelChoiceField(Warehouse.objects.none(), empty_label=None)
    to_warehouse = forms.ModelChoiceField(
        Warehouse.objects.none(), label="To warehouse"
    )
    direction = forms.ChoiceField(
        label="Which way",
        choices=[("in", "Into quarantine"), ("back", "Back to what can be sold")],
    )
    reason = forms.ChoiceField(
        choices=[("", "—"), *StockDocument.Reason.choices],
        error_messages={"required": "Say why; the ledger keeps it."},
    )
    supplier = forms.ModelChoiceField(
        Supplier.objects.none(), required=False, empty_label="—"
    )
    reference = forms.CharField(
        required=False, max_length=80, help_text="As a delivery note's number."
    )
    moment = moment_field("Moved at", "Empty: now.")
    zone = forms.ChoiceField(label="Clock of")
    note = forms.CharField(required=False, max_length=2_000)

    def __init__(
        self, data: Any, client: Client, kind: Kind, user: AnyUser, **options: Any
    ) -> None:
        super().__init__(data, **options)
        for name, kinds in _ONLY.items():
            if kind not in kinds:
                del self.fields[name]
        if not places_of(user, VIEW_COST).reach(client.pk):
            self.fields.pop("supplier", None)
        places = Warehouse.objects.filter(client=client, is_active=True)
        self._choose("warehouse", places)
        self._choose("to_warehouse", places)
        self._choose("supplier", Supplier.objects.filter(client=client))
        zones = self.fields["zone"]
        assert isinstance(zones, forms.ChoiceField)
        zones.choices = zones_of(client)
        self.fields["moment"].label = _MOMENTS.get(kind, "Moved at")

    def _choose(self, name: str, rows: Any) -> None:
        if name in self.fields:
            chosen = self.fields[name]
            assert isinstance(chosen, forms.ModelChoiceField)
            chosen.queryset = rows
