"""A mapping file: uploaded, looked at, applied. Nothing is written before the last."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from apps.core.errors import DomainError
from apps.imports.services.mapping import apply_changes
from apps.orders.services.mapping import Effect, effect
from apps.platforms.models import Shop
from apps.products.admin.mapping_deeds import LIST, by_whom
from apps.products.admin.mapping_words import counted, tell
from apps.products.services.csv_files import LARGEST_FILE
from apps.products.services.mapping_files import read_file
from apps.products.services.mapping_rows import Change, Examined, Result, examine
from apps.users.models import AnyUser
from apps.users.roles import CHANGE_LISTING, VIEW_ORDER

MOST_SHOWN = 200
GOOD_FOR_SECONDS = 60 * 60
_BADGES = {
    Result.NEW: "good",
    Result.CHANGED: "progress",
    Result.SAME: "neutral",
    Result.REFUSED: "bad",
}


class UploadForm(forms.Form):
    file = forms.FileField(
        label="CSV file",
        help_text="Columns: shop, SKU ID or seller SKU, our SKU. “ignore” as state "
        "ignores a SKU.",
    )
    shop = forms.ModelChoiceField(
        Shop.objects.none(),
        required=False,
        empty_label="The file names the shops",
        help_text="With one chosen, rows of other shops are refused.",
    )
    unlink_blank = forms.BooleanField(
        label="Unlink SKUs whose “our SKU” is blank", required=False
    )

    def __init__(self, *args: Any, user: AnyUser) -> None:
        super().__init__(*args)
        self.changeable = Shop.objects.visible_to(user, CHANGE_LISTING)
        field = self.fields["shop"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = self.changeable

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError("The file is larger than 10 MB.")
        return file

    @property
    def shops(self) -> list[Shop]:
        """All that the rows may speak of."""
        one = self.cleaned_data.get("shop")
        return [one] if one else list(self.changeable.select_related("client"))


def preview(request: HttpRequest, form: UploadForm) -> dict[str, Any] | None:
    """What the file comes to; None where it cannot be used, which is told."""
    file = form.cleaned_data["file"]
    data = file.read()
    try:
        rows = read_file(data).rows
    except DomainError as error:
        form.add_error("file", str(error))
        return None
    examined = examine(rows, form.shops, unlink_blank=form.cleaned_data["unlink_blank"])
    problems_first = sorted(
        examined.rows, key=lambda each: list(Result)[::-1].index(each.result)
    )
    changes = examined.changes()
    return {
        "title": f"Import {file.name}",
        "file_name": file.name,
        "counts": [
            (result.value, _BADGES[result], examined.count(result)) for result in Result
        ],
        "rows": [(each, _BADGES[each.result]) for each in problems_first[:MOST_SHOWN]],
        "left_out": max(len(rows) - MOST_SHOWN, 0),
        "change_count": counted(sum(map(len, changes.values())), "SKU"),
        "has_changes": bool(changes),
        "effect": _effect(request, changes),
        "signed": _signed(request, file.name, data, examined),
    }


def apply(request: HttpRequest) -> HttpResponseRedirect:
    """What was looked at, as far as it still holds and the user still may."""
    try:
        told = signing.loads(
            request.POST.get("signed", ""),
            salt=_salt(request),
            max_age=GOOD_FOR_SECONDS,
        )
    except signing.BadSignature:
        messages.error(request, "This preview is over. Upload the file once more.")
        return HttpResponseRedirect(reverse("admin:products_listingsku_import"))
    changes: dict[Shop, list[Change]] = {}
    shops = Shop.objects.visible_to(request.user, CHANGE_LISTING)
    by_key = shops.select_related("client").in_bulk([int(k) for k in told["changes"]])
    for key, rows in told["changes"].items():
        if shop := by_key.get(int(key)):
            changes[shop] = [Change(*row) for row in rows]
    outcomes = apply_changes(
        changes, by_whom(request), file_name=told["name"], file_hash=told["hash"]
    )
    tell(request, "Imported", outcomes.values())
    if not any(outcome.changed for outcome in outcomes.values()):
        messages.info(request, "Nothing has changed.")
    return HttpResponseRedirect(f"{reverse(LIST)}?tab=matched")


def _effect(
    request: HttpRequest, changes: Mapping[Shop, Sequence[Change]]
) -> Effect | None:
    """Of what is to have a variant, for whoever may see the orders of these shops."""
    if not all(request.user.has_perm(VIEW_ORDER, shop) for shop in changes):
        return None
    keys = [
        change.key
        for rows in changes.values()
        for change in rows
        if change.variant_id is not None
    ]
    return effect(keys) if keys else None


def _signed(request: HttpRequest, name: str, data: bytes, examined: Examined) -> str:
    """The changes, for this user alone and for an hour; nobody else can make it."""
    told = {
        "name": name[:255],
        "hash": hashlib.sha256(data).hexdigest(),
        "changes": {
            str(shop.pk): [list(asdict(change).values()) for change in changes]
            for shop, changes in examined.changes().items()
        },
    }
    return signing.dumps(told, salt=_salt(request), compress=True)


def _salt(request: HttpRequest) -> str:
    return f"products.mapping.{request.user.pk}"
