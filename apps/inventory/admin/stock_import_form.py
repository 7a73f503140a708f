"""What people say of a stock file they upload."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from apps.inventory.admin.clocks import ClockedForm, moment_field, zones_of
from apps.inventory.models import StockDocument, Warehouse
from apps.inventory.services.stock_rows import Mode, Options
from apps.products.services.csv_files import LARGEST_FILE
from apps.users.models import Client


class UploadForm(ClockedForm):
    file = forms.FileField(label="CSV file")
    mode = forms.ChoiceField(
        label="A quantity means",
        choices=[
            (Mode.COUNT.value, "so many lay there (stock take)"),
            (Mode.RECEIVE.value, "so many came in (receipt)"),
            (Mode.ADJUST.value, "so many more, or with a minus fewer (adjustment)"),
        ],
        help_text="Where the file has no column “mode”.",
    )
    warehouse = forms.ModelChoiceField(
        Warehouse.objects.none(),
        required=False,
        empty_label="The default one",
        help_text="For rows that name none.",
    )
    moment = moment_field("When that was", "Empty: now. For rows that do not say it.")
    zone = forms.ChoiceField(label="Clock of")
    reason = forms.ChoiceField(
        required=False,
        choices=[("", "—"), *StockDocument.Reason.choices],
        help_text="Of adjustments that name none.",
    )

    def __init__(self, client: Client, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        places = self.fields["warehouse"]
        assert isinstance(places, forms.ModelChoiceField)
        places.queryset = Warehouse.objects.filter(client=client, is_active=True)
        zones = self.fields["zone"]
        assert isinstance(zones, forms.ChoiceField)
        zones.choices = zones_of(client)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError("The file is larger than 10 MB.")
        return file

    @property
    def options(self) -> Options:
        told = self.cleaned_data
        return Options(
            mode=Mode(told["mode"]),
            warehouse=told["warehouse"],
            moment=told["moment"],
            zone=ZoneInfo(told["zone"]),
            reason=told["reason"],
        )
