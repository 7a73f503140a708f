"""Who answers for products in the EU: manufacturers and responsible persons.

Each has a profile per locale, in the shape the API takes and gives.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from apps.simulator.world.rolls import roll
from apps.simulator.world.sellers import Seller

Profile = dict[str, Any]
MANUFACTURER, RESPONSIBLE_PERSON = "manufacturer", "responsible_person"


@dataclass(frozen=True, slots=True)
class Party:
    id: str
    seller_id: str
    profiles: dict[str, Profile]  # by locale


def party_id(*words: object) -> str:
    return f"{roll('party', *words):016x}{roll(*words, 'party'):016x}"[:24]


@dataclass
class Registry:
    """Not thread safe: the simulator's lock guards it."""

    saved: dict[tuple[str, str], Party] = field(default_factory=dict)  # (kind, id)

    def of(self, kind: str, seller: Seller) -> list[Party]:
        """A seller's, the oldest first."""
        own = [
            party
            for (its_kind, _), party in self.saved.items()
            if its_kind == kind and party.seller_id == seller.id
        ]
        edited = {party.id: party for party in own}
        seeded = _seeded(kind, seller)
        seeded_ids = {party.id for party in seeded}
        return [edited.get(party.id, party) for party in seeded] + [
            party for party in own if party.id not in seeded_ids
        ]

    def find(self, kind: str, party: str, sellers: Iterable[Seller]) -> Party | None:
        """Whoever's it is."""
        everybody = (one for seller in sellers for one in self.of(kind, seller))
        return next((one for one in everybody if one.id == party), None)

    def apply(self, event: dict[str, Any]) -> Party:
        """`party_saved`: kind, id, seller_id and all the profiles."""
        party = Party(event["id"], event["seller_id"], event["profiles"])
        self.saved[event["kind"], party.id] = party
        return party


def _seeded(kind: str, seller: Seller) -> list[Party]:
    """Sellers with a shop in Germany have registered already."""
    if not any(shop.region.code == "DE" for shop in seller.shops):
        return []
    profiles = _MANUFACTURERS if kind == MANUFACTURER else _RESPONSIBLE_PERSONS
    return [
        Party(party_id(kind, seller.id, number), seller.id, {"de-DE": profile})
        for number, profile in enumerate(profiles)
    ]


_PHONE = {"country_code": "+49", "local_number": "9115550140"}
_MANUFACTURERS: tuple[Profile, ...] = (
    {
        "name": "Isarwerk Manufaktur GmbH",
        "registered_trade_name": "Isarwerk",
        "email": "hersteller@isarwerk.example.com",
        "phone_number": {"availability": "AVAILABLE", **_PHONE},
        "address": "Werkstraße 12, 90402 Nürnberg, Deutschland",
    },
    {
        "name": "Leuchtenbau Gießen GmbH",
        "registered_trade_name": "Leuchtenbau",
        "email": "info@leuchtenbau.example.com",
        "phone_number": {"availability": "UNAVAILABLE"},
        "address": "Lahnweg 3, 35390 Gießen, Deutschland",
    },
)
_RESPONSIBLE_PERSONS: tuple[Profile, ...] = (
    {
        "name": "Isarwerk Produktsicherheit GmbH",
        "email": "sicherheit@isarwerk.example.com",
        "phone_number": _PHONE,
        "address": {
            "street_address_line1": "Werkstraße 12",
            "postal_code": "90402",
            "city": "Nürnberg",
            "province": "Bayern",
            "country": "Germany",
        },
    },
)
