"""What a person behind the stage does to the money: adjustments that the world does not
make, figures that are wrong, payouts that come late or fail."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
PAYMENT, STATEMENT, TRANSACTION, SKU = "payment", "statement", "transaction", "sku"


@dataclass(frozen=True, slots=True)
class Made:
    """An adjustment; the amount in the currency's smallest unit, signed."""

    number: int  # among the shop's
    at: int
    type: str
    amount: int
    order_id: str = ""


@dataclass
class Meddling:
    """The simulator's lock guards it. A payout is named by the Monday it belongs to and
    the number of the attempt."""

    made: defaultdict[str, list[Made]] = field(
        default_factory=lambda: defaultdict(list)
    )  # by shop
    spoiled: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    failing: dict[tuple[str, int, int], int] = field(default_factory=dict)  # when
    late: dict[tuple[str, int, int], int] = field(default_factory=dict)  # seconds

    def apply(self, event: Json) -> Any:
        match event["event"]:
            case "money_adjusted":
                made = self.made[event["shop_id"]]
                made.append(
                    Made(
                        len(made), event["at"], event["type"], event["amount"],
                        event["order_id"],
                    )
                )  # fmt: skip
                return made[-1]
            case "money_spoiled":
                by_field = self.spoiled.setdefault((event["what"], event["id"]), {})
                by_field[event["field"]] = event["by"]
            case "money_failing":
                self.failing[_payout(event)] = event["at"]
            case "money_late":
                self.late[_payout(event)] = event["seconds"]
        return None

    def off_by(self, what: str, id: str) -> dict[str, int]:
        """{field: smallest units} by which a figure is to be shown wrongly."""
        return self.spoiled.get((what, id), {})


def _payout(event: Json) -> tuple[str, int, int]:
    return event["shop_id"], event["monday"], event["attempt"]
