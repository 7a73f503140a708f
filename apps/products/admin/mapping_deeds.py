"""What can be done to rows of the workspace: POST, permission, one service a shop.

A row's own button does it at once; what was ticked, and what takes something away, is
asked about first, with what hangs on it. What the person saw beside a SKU is sent
along, so that nothing else than that is accepted or unlinked.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from apps.core.addresses import address_of
from apps.orders.services import mapping
from apps.orders.services.mapping import By, Outcome
from apps.platforms.models import Shop
from apps.products.admin.mapping_words import counted, tell
from apps.products.models import ListingSku
from apps.users.models import User
from apps.users.roles import CHANGE_LISTING, VIEW_ORDER

LIST = "admin:products_listingsku_changelist"
Seen = Mapping[int, int | None]


@dataclass(frozen=True, slots=True)
class Deed:
    """`gives` a variant, or takes it away; `asks` even for a single SKU."""

    title: str
    verb: str
    do: Callable[[Shop, Sequence[int], Seen, By], Outcome]
    gives: bool = False
    asks: bool = False


def _accept(shop: Shop, keys: Sequence[int], seen: Seen, by: By) -> Outcome:
    return mapping.accept(shop, {key: seen[key] or 0 for key in keys}, by)


def _ignore(shop: Shop, keys: Sequence[int], seen: Seen, by: By) -> Outcome:
    return mapping.ignore(shop, keys, by)


def _unlink(shop: Shop, keys: Sequence[int], seen: Seen, by: By) -> Outcome:
    return mapping.unlink(shop, keys, by, seen={key: seen[key] for key in keys})


DEEDS = {
    "accept": Deed("Accept the suggestions", "Accepted", _accept, gives=True),
    "ignore": Deed("Ignore", "Ignored", _ignore),
    "unlink": Deed("Unlink", "Unlinked", _unlink, asks=True),
}


@dataclass(frozen=True, slots=True)
class Question:
    """Before it is done: which SKUs, at how many shops, and what hangs on them."""

    name: str
    deed: Deed
    skus: list[ListingSku]
    tokens: list[str]
    effect: mapping.Effect | None

    @property
    def count(self) -> str:
        return counted(len(self.skus), "SKU")

    @property
    def shops(self) -> list[tuple[Shop, int]]:
        return [(shop, len(skus)) for shop, skus in _by_shop(self.skus)]


def act(
    request: HttpRequest, name: str, ask: Callable[[Question], HttpResponse]
) -> HttpResponse:
    """Do it, or ask before, and go back to where it was wanted."""
    deed = DEEDS.get(name)
    if deed is None:
        raise Http404
    one = request.POST.get("one")
    seen = _seen([one] if one else request.POST.getlist("sku"))
    skus = changeable(request, seen)
    if len(skus) < len(seen):
        gone = counted(len(seen) - len(skus), "SKU")
        messages.warning(request, f"{gone} not found: look again.")
    if not seen:
        messages.warning(request, "Tick the SKUs first.")
    if not skus:
        return HttpResponseRedirect(way_back(request))
    is_asked = bool(deed.asks or not one)
    if is_asked and not request.POST.get("confirmed"):
        tokens = [f"{sku.pk}:{seen[sku.pk] or 0}" for sku in skus]
        return ask(Question(name, deed, skus, tokens, effect_of(request, skus)))
    by = by_whom(request)
    outcomes = [
        deed.do(shop, [sku.pk for sku in group], seen, by)
        for shop, group in _by_shop(skus)
    ]
    tell(request, deed.verb, outcomes, gives=deed.gives)
    return HttpResponseRedirect(way_back(request))


def changeable(request: HttpRequest, keys: Iterable[int]) -> list[ListingSku]:
    """Those the user may see; raises PermissionDenied if one may not be changed."""
    rows = ListingSku.objects.visible_to(request.user).filter(pk__in=list(keys))
    skus = list(rows.select_related("shop__client", "listing", "variant__product"))
    if not all(request.user.has_perm(CHANGE_LISTING, sku.shop) for sku in skus):
        raise PermissionDenied
    return skus


def effect_of(
    request: HttpRequest, skus: Sequence[ListingSku]
) -> mapping.Effect | None:
    """For whoever may see the orders of all these shops."""
    if not all(request.user.has_perm(VIEW_ORDER, sku.shop) for sku in skus):
        return None
    return mapping.effect([sku.pk for sku in skus])


def by_whom(request: HttpRequest) -> By:
    assert isinstance(request.user, User)
    return By(request.user, address_of(request))


def way_back(request: HttpRequest) -> str:
    """The list as it was filtered, if that is where they came from."""
    back = str(request.POST.get("back", ""))
    is_ours = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return back if is_ours else reverse(LIST)


def _seen(tokens: Iterable[Any]) -> dict[int, int | None]:
    """{SKU: the variant seen beside it, None for none} of what rows send."""
    seen: dict[int, int | None] = {}
    for token in tokens:
        key, _, variant = str(token).partition(":")
        if _is_key(key):
            seen[int(key)] = int(variant) or None if _is_key(variant) else None
    return seen


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _by_shop(
    skus: Sequence[ListingSku],
) -> list[tuple[Shop, list[ListingSku]]]:
    """In the order of keys, as shops are locked."""
    found: dict[int, list[ListingSku]] = {}
    for sku in sorted(skus, key=lambda each: (each.shop_id, each.pk)):
        found.setdefault(sku.shop_id, []).append(sku)
    return [(group[0].shop, group) for group in found.values()]
