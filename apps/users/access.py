"""Where a person may do what: worked out once a request, asked by everything.

A client-wide role holds at all shops of a client, also those to come; what is said of
one shop takes its place there. No table is read here: the rows come from the backend
in AUTHENTICATION_BACKENDS, which knows the shops.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Q

from apps.users.roles import PERMISSIONS, grants_of


@dataclass(frozen=True, slots=True)
class Place:
    """A shop, or (without one) a client as a whole."""

    client_id: int
    shop_id: int | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """Where a permission is held: everywhere, or at all shops of `clients` but
    `but_shops`, and at `shops` ({shop key: its client's key})."""

    everywhere: bool = False
    clients: frozenset[int] = frozenset()
    but_shops: frozenset[int] = frozenset()
    shops: Mapping[int, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.everywhere or bool(self.clients or self.shops)

    def at_shops(self, *, client: str, shop: str) -> Q:
        """Rows whose column `client` and `shop` (keys of them) lie in these places."""
        if self.everywhere:
            return Q()
        found = Q(**{f"{client}__in": self.clients})
        if self.but_shops:
            found &= ~Q(**{f"{shop}__in": self.but_shops})
        if self.shops:
            found |= Q(**{f"{shop}__in": list(self.shops)})
        return found

    def at_whole_clients(self, column: str) -> Q:
        """Clients all of whose shops, also those to come, lie in these places."""
        return Q() if self.everywhere else Q(**{f"{column}__in": self.clients})

    def at_clients(self, column: str) -> Q:
        """Clients with at least one shop in these places, or as a whole."""
        if self.everywhere:
            return Q()
        return Q(**{f"{column}__in": self._clients})

    def reach(self, client_id: int) -> bool:
        """Whether `at_clients` would find it."""
        return self.everywhere or client_id in self._clients

    @property
    def _clients(self) -> frozenset[int]:
        return self.clients | set(self.shops.values())


NOWHERE = Places()


@dataclass(frozen=True, slots=True)
class Access:
    """What one person may do: names of PERMISSIONS by client and, where a shop is
    spoken of by itself, by shop ({shop key: (client key, names)}). `beside` are
    permissions (Django's names) that hold at no place, see roles.BESIDE_MATRIX."""

    everything: bool = False
    clients: Mapping[int, frozenset[str]] = field(default_factory=dict)
    shops: Mapping[int, tuple[int, frozenset[str]]] = field(default_factory=dict)
    beside: frozenset[str] = frozenset()

    def at(self, place: Place) -> frozenset[str]:
        """Names of PERMISSIONS held there."""
        if self.everything:
            return frozenset(PERMISSIONS)
        if place.shop_id is not None and place.shop_id in self.shops:
            client_id, names = self.shops[place.shop_id]
            return names if client_id == place.client_id else frozenset()
        return self.clients.get(place.client_id, frozenset())

    def may(self, permission: str, place: Place | None = None) -> bool:
        """Whether a permission (Django's name) is held there, or anywhere at all."""
        if self.everything:
            return True
        if place is None:
            return permission in self.beside or bool(self.places(permission))
        return permission in grants_of(self.at(place))

    def places(self, permission: str) -> Places:
        """Where a permission (Django's name) is held."""
        if self.everything:
            return Places(everywhere=True)
        clients = frozenset(
            key for key, names in self.clients.items() if permission in grants_of(names)
        )
        shops, but_shops = {}, set()
        for key, (client_id, names) in self.shops.items():
            if permission in grants_of(names):
                shops[key] = client_id
            elif client_id in clients:
                but_shops.add(key)
        return Places(clients=clients, but_shops=frozenset(but_shops), shops=shops)

    def within(self, other: "Access") -> "Access":
        """What both have: somebody seen through the eyes of another."""
        if other.everything:
            return self
        if self.everything:
            return other
        keys = self.clients.keys() & other.clients.keys()
        clients = {key: self.clients[key] & other.clients[key] for key in keys}
        shops = {}
        for key in self.shops.keys() | other.shops.keys():
            client_id = (self.shops.get(key) or other.shops[key])[0]
            place = Place(client_id, key)
            shops[key] = (client_id, self.at(place) & other.at(place))
        return Access(clients=clients, shops=shops, beside=self.beside & other.beside)

    def covers(self, names: Iterable[str], place: Place) -> bool:
        """Whether all these permissions are held there: nobody gives what they lack."""
        return set(names) <= self.at(place)


NOTHING = Access()
EVERYTHING = Access(everything=True)
