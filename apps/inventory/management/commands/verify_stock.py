"""Prove that stock adds up, and mend it where asked."""

from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.management.reporting import ExitCode, json_line, table
from apps.inventory.services.mending import mend
from apps.inventory.services.verifying import Findings, verify
from apps.orders.services.stock import book_due_orders, mark_orders_due
from apps.orders.services.stock_proof import (
    Difference,
    bookings_of_no_order,
    differing_orders,
    in_words,
)
from apps.platforms.management.shops import shop_named
from apps.platforms.models import Shop
from apps.products.management.clients import client_named
from apps.users.models import Client

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Prove that all stock is the sum of its movements, that stock takes hold, that "
        "incidents name who loses, and that orders have booked what they should. Exit "
        "code 3 says that something differs. Nothing is written without --repair."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--client", metavar="ID|NAME", help="only this client's stock"
        )
        parser.add_argument(
            "--shop", metavar="ID|NAME", help="only its orders and its client's stock"
        )
        parser.add_argument("--json", action="store_true", help="one object a line")
        parser.add_argument(
            "--repair",
            action="store_true",
            help="sum levels anew from their movements, book orders that differ, and "
            "settle incidents; then prove it again",
        )

    def handle(self, **options: Any) -> None:
        client, shops = _chosen(options)
        proof = _Proof.of(client, shops)
        self._tell(proof, options)
        if options["repair"] and not proof.is_clean:
            self._repair(proof, options)
            proof = _Proof.of(client, shops)
            self._tell(proof, options)
        if not proof.is_clean:
            raise SystemExit(int(ExitCode.PARTLY))

    def _repair(self, proof: "_Proof", options: dict[str, Any]) -> None:
        keys = {row.level for row in proof.ledger.differences if row.level is not None}
        levels = mend(keys)
        orders: dict[int, set[int]] = defaultdict(set)
        for difference in proof.orders:
            orders[difference.order.shop_id].add(difference.order.pk)
        for shop in Shop.objects.filter(pk__in=orders).order_by("pk"):
            mark_orders_due(shop, orders[shop.pk])
            while book_due_orders(shop):
                pass
        booked = sum(map(len, orders.values()))
        if options["json"]:
            self.stdout.write(json_line(type="repair", levels=levels, orders=booked))
            return
        said = f"Summed {levels:,} levels anew and booked {booked:,} orders. Now:"
        self.stdout.write(said)

    def _tell(self, proof: "_Proof", options: dict[str, Any]) -> None:
        ledger, orders = proof.ledger, proof.orders
        said = [*map(str, ledger.differences), *map(str, orders), *proof.lost]
        if options["json"]:
            for line in said:
                self.stdout.write(json_line(type="difference", says=line))
            for note in ledger.notes:
                self.stdout.write(json_line(type="note", says=note))
            figures = proof.figures()
            self.stdout.write(json_line(type="summary", **figures))
            return
        for line in said[:SHOWN]:
            self.stdout.write(line)
        if len(said) > SHOWN:
            self.stdout.write(f"… and {len(said) - SHOWN:,} more (--json tells all)")
        for note in ledger.notes[:SHOWN]:
            self.stdout.write(f"Note: {note}")
        names = [name.replace("_", " ").capitalize() for name in proof.figures()]
        self.stdout.write(table(names, [list(proof.figures().values())]))
        if proof.is_clean:
            self.stdout.write("All of it adds up.")


@dataclass(frozen=True, slots=True)
class _Proof:
    ledger: Findings
    orders: list[Difference]
    lost: list[str]

    @classmethod
    def of(cls, client: Client | None, shops: Iterable[Shop]) -> "_Proof":
        orders: list[Difference] = []
        lost: list[str] = []
        for shop in shops:
            orders += differing_orders(shop)
            lost += [
                f"{row.level}: {in_words(row.position)} is booked for order "
                f"{row.cause_id} of {shop}, which does not exist"
                for row in bookings_of_no_order(shop)
            ]
        return cls(verify(client), orders, lost)

    @property
    def is_clean(self) -> bool:
        return not (self.ledger or self.orders or self.lost)

    def figures(self) -> dict[str, int]:
        return {
            "levels": self.ledger.levels,
            "movements": self.ledger.movements,
            "differences": len(self.ledger.differences),
            "orders_that_differ": len(self.orders) + len(self.lost),
        }


def _chosen(options: dict[str, Any]) -> tuple[Client | None, list[Shop]]:
    """Raises CommandError (exit 2)."""
    if options["client"] and options["shop"]:
        raise CommandError(
            "Say --client or --shop, not both.", returncode=ExitCode.USAGE
        )
    if options["shop"]:
        shop = shop_named(options["shop"])
        return shop.client, [shop]
    shops = Shop.objects.order_by("pk")
    if not (name := options["client"]):
        return None, list(shops)
    client = client_named(name)
    return client, list(shops.filter(client=client))
