"""Calls that divide an order among packages, or put orders into one."""

from collections.abc import Callable, Mapping, Sequence

from apps.integrations.contracts import ActionFailure, Combinable, SplitAdvice
from apps.integrations.tiktok.calls import Operation
from apps.integrations.tiktok.fulfilment.batches import in_batches
from apps.integrations.tiktok.fulfilment.splitting import (
    advice_from_json,
    combinable_from_json,
    split_from_json,
)
from apps.integrations.tiktok.pages import page_params, parts
from apps.integrations.tiktok.reading import JsonObject, text

SPLIT_ADVICE = Operation(
    "GET", "/fulfillment/202309/orders/split_attributes", is_safe=True
)
SPLIT = Operation("POST", "/fulfillment/202309/orders/{order_id}/split")
COMBINABLE = Operation(
    "GET", "/fulfillment/202309/combinable_packages/search", is_safe=True
)
COMBINE = Operation("POST", "/fulfillment/202309/packages/combine")
UNCOMBINE = Operation("POST", "/fulfillment/202309/packages/{package_id}/uncombine")

LARGEST_PAGE = 50
MOST_ORDERS = 50


class SplittingCalls:
    """The part of a client that splits and combines; raises PlatformError."""

    _call: Callable[..., JsonObject]

    def split_advice(self, order_ids: Sequence[str]) -> list[SplitAdvice]:
        """Which orders can, or must, be split, 50 a call. Source: "Get Order Split
        Attributes"."""
        return [
            advice
            for batch in parts(list(dict.fromkeys(order_ids)), MOST_ORDERS)
            for advice in advice_from_json(
                self._call(SPLIT_ADVICE, {"order_ids": ",".join(batch)})
            )
        ]

    def split(
        self, order_id: str, groups: Mapping[str, Sequence[str]]
    ) -> dict[str, str]:
        """Split by {name of ours: unit ids}: {that name: the package's id}.

        Source: "Split Orders".
        """
        body = {
            "splittable_groups": [
                {"id": name, "order_line_item_ids": list(unit_ids)}
                for name, unit_ids in groups.items()
            ]
        }
        return split_from_json(self._call(SPLIT.of(order_id), body=body))

    def combinable(self, *, page_token: str = "") -> tuple[list[Combinable], str]:
        """A page of what could be combined, and the next page's token. Source: "Search
        Combinable Packages"."""
        data = self._call(COMBINABLE, page_params(LARGEST_PAGE, page_token))
        return combinable_from_json(data), text(data, "next_page_token")

    def combine(self, offers: Sequence[Combinable]) -> list[ActionFailure]:
        """Combine as offered; those not named went well. 50 a call, as ship_packages.

        Source: "Combine Package".
        """
        bodies = {
            offer.remote_id: {
                "id": offer.remote_id,
                "order_ids": list(offer.order_ids),
            }
            for offer in offers
        }
        return in_batches(
            bodies,
            lambda batch: self._call(COMBINE, body={"combinable_packages": batch}),
        )

    def uncombine(self, package_id: str, order_ids: Sequence[str] = ()) -> None:
        """Take orders (none named: all) out of a combined package. Source: "Uncombine
        Packages"."""
        body = {"order_ids": list(order_ids)} if order_ids else {}
        self._call(UNCOMBINE.of(package_id), body=body)
