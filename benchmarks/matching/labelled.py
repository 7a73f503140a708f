"""The hand-written pairs beside this module, each a listing and an own variant."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from apps.products.matching import ChannelSku, OwnVariant

_FILE = Path(__file__).with_name("labelled.txt")


@dataclass(frozen=True)
class Pair:
    channel: ChannelSku
    own: OwnVariant
    is_same: bool


def pairs() -> list[Pair]:
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if not line.startswith("#")]
    return [_pair(number, row) for number, row in enumerate(rows)]


def _pair(number: int, row: str) -> Pair:
    label, title, variation, price, our_title, our_variation, our_price, kind = (
        cell.strip() for cell in row.split("|")
    )
    amount, currency = _price(price)
    our_amount, our_currency = _price(our_price)
    channel = ChannelSku(number, "", "", title, variation, amount, currency)
    own = OwnVariant(
        key=number,
        sku=f"OWN-{number}",
        barcode="",
        title=our_title,
        variation=our_variation,
        prices={our_currency: our_amount} if our_amount else {},
        is_bundle=kind == "bundle",
    )
    return Pair(channel, own, label == "same")


def _price(text: str) -> tuple[Decimal | None, str]:
    amount, _, currency = text.replace(",", ".").partition(" ")
    return (Decimal(amount), currency) if amount else (None, "")
