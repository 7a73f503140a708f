"""Find or make the buyers of a batch of orders, and join what two sources name."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils import timezone

from apps.core import bulk
from apps.core.storing import clean
from apps.integrations.contracts import RemoteBuyer
from apps.orders.models import Buyer, Order

_LONGEST = {
    column.name: column.max_length
    for column in Buyer._meta.concrete_fields
    if column.name in ("remote_id", "username") and column.max_length
}


def ingest_buyers(
    shop_id: int, pairs: Iterable[tuple[Order, RemoteBuyer]]
) -> dict[str, Buyer]:
    """{order's remote_id: Buyer} for the orders whose buyer is known by now.

    The API gives a user id, a file the username. An order known from both tells that
    they are one person, so their rows become one. Call it under the shop's lock.
    """
    told = [(order, _handles(remote)) for order, remote in pairs]
    people = _People.of(shop_id, told)
    buyers = {
        order.remote_id: people.buyer_of(order, handles)
        for order, handles in told
        if order.buyer_id or handles
    }
    people.write()
    return {remote_id: people.lasting(buyer) for remote_id, buyer in buyers.items()}


@dataclass(slots=True)
class _People:
    """The buyers a batch speaks of, one object a row, and what becomes of them.

    `known` is {field: {handle: buyer}}; `joined` has, by the id() of an object that
    goes, the object and who it really is.
    """

    shop_id: int
    rows: dict[int, Buyer] = field(default_factory=dict)
    known: dict[str, dict[str, Buyer]] = field(default_factory=dict)
    fresh: list[Buyer] = field(default_factory=list)
    learned: dict[int, Buyer] = field(default_factory=dict)
    joined: dict[int, tuple[Buyer, Buyer]] = field(default_factory=dict)

    @classmethod
    def of(cls, shop_id: int, told: list[tuple[Order, dict[str, str]]]) -> "_People":
        people = cls(shop_id)
        rows = [order.buyer for order, _ in told if order.buyer is not None]
        for name in _LONGEST:
            wanted = {handles[name] for _, handles in told if name in handles}
            rows += Buyer.objects.filter(
                shop_id=shop_id, **{f"{name}__among": sorted(wanted)}
            )
        for row in rows:
            people.rows.setdefault(row.pk, row)
        for name in _LONGEST:
            people.known[name] = {
                handle: row
                for row in people.rows.values()
                if (handle := getattr(row, name))
            }
        return people

    def buyer_of(self, order: Order, handles: dict[str, str]) -> Buyer:
        """The order's buyer, who learns the handles not known so far."""
        buyer = self.rows.get(order.buyer_id or 0)
        for name, handle in handles.items():
            buyer = buyer or self.known[name].get(handle)
        if buyer is None:
            buyer = bulk.new_row(Buyer, shop_id=self.shop_id)
            self.fresh.append(buyer)
        buyer = self.lasting(buyer)
        for name, handle in handles.items():
            if not getattr(buyer, name):
                self._learn(buyer, name, handle)
        return buyer

    def lasting(self, buyer: Buyer) -> Buyer:
        """The same person, after all joining."""
        while id(buyer) in self.joined:
            buyer = self.joined[id(buyer)][1]
        return buyer

    def write(self) -> None:
        gone = [twin for twin, _ in self.joined.values() if twin.pk]
        for twin in gone:
            Order.objects.filter(buyer=twin).update(buyer=self.lasting(twin))
        if gone:
            Buyer.objects.filter(pk__in=[twin.pk for twin in gone]).delete()
        now = timezone.now()
        learned = [buyer for buyer in self.learned.values() if self._stays(buyer)]
        for buyer in learned:
            buyer.modified_at = now
        bulk.update(learned, [*_LONGEST, "modified_at"])
        bulk.insert([buyer for buyer in self.fresh if self._stays(buyer)])

    def _stays(self, buyer: Buyer) -> bool:
        return id(buyer) not in self.joined

    def _learn(self, buyer: Buyer, name: str, handle: str) -> None:
        twin = self.known[name].get(handle)
        if twin is not None and twin is not buyer:
            if all(getattr(twin, each) for each in _LONGEST):
                return  # two people after all: both carry the other handle already
            self.joined[id(twin)] = (twin, buyer)
        setattr(buyer, name, handle)
        self.known[name][handle] = buyer
        if buyer.pk:
            self.learned[buyer.pk] = buyer


def _handles(remote: RemoteBuyer) -> dict[str, str]:
    """What a source knows the buyer by; too long to keep is not known."""
    handles = {name: clean(getattr(remote, name)) for name in _LONGEST}
    return {name: h for name, h in handles.items() if 0 < len(h) <= _LONGEST[name]}
