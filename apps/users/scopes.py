"""What a token may be made for. Data alone: a scope opens nothing by itself, it only
leaves open what its owner may do."""

from collections.abc import Iterable

_RESOURCES = {
    "me": ("See who the token belongs to, and the roles there are", ""),
    "clients": ("See clients", "Add, rename and deactivate clients"),
    "shops": (
        "See shops and their settings",
        "Change shops: settings, pause, sync, tokens, disconnect",
    ),
    "team": (
        "See members and invitations",
        "Change roles, remove members, invite people",
    ),
    "connect-links": (
        "See links for shop owners",
        "Make and revoke links for shop owners",
    ),
    "orders": (
        "See orders, without their buyers",
        "Work on orders: ship, cancel, refund, answer returns, edit, note",
    ),
    "products": (
        "See products, their prices, and what they cost where one may",
        "Change products, their variants, categories and suppliers",
    ),
    "listings": (
        "See listings, what they are matched to, and runs that changed them",
        "Match listings to products, write drafts, change what shops list",
    ),
    "stock": (
        "See stock, its movements and what shops are told of it",
        "Book stock, hold pieces, keep warehouses and rules, tell shops",
    ),
    "finance": (
        "See what was settled and paid, what is to come, and what does not add up",
        "",
    ),
    "credit": (
        "See applicants and their scores, and reports that are shared",
        "Add applicants, score them, issue and share reports, answer objections",
    ),
    "creators": (
        "See creators, what they sold, and what they are paid for it",
        "",
    ),
    "imports": (
        "See files that were read in, and what was wrong in them",
        "Upload files, read them in, and take them back",
    ),
    "buyers": ("See the buyers of orders; each look is written down", ""),
    "alerts": (
        "See what is wrong with shops, and who sees to it",
        "Take, snooze and resolve alerts",
    ),
    "analytics": ("See what shops sold, in sums of one currency", ""),
    "runs": (
        "See when shops were synced, and what failed",
        "Stop runs, and have what failed asked for again",
    ),
    "webhooks": (
        "See what platforms told us, what came of it, and what they are to tell",
        "Act on it again; check, set, test and remove shops' webhooks",
    ),
    "calls": ("See the log of calls to the platforms", ""),
    "audit": ("Read the audit trail", ""),
    "tokens": ("See one's own API tokens", "Make and revoke API tokens"),
}

# {name: what it means to a person}
SCOPES: dict[str, str] = {
    f"{resource}:{deed}": words
    for resource, both in _RESOURCES.items()
    for deed, words in zip(("read", "write"), both, strict=True)
    if words
}


def scopes_in_words(names: Iterable[str]) -> list[str]:
    """In the table's order; one that was dropped since is told by its name."""
    held = set(names)
    known = [words for name, words in SCOPES.items() if name in held]
    return known + sorted(held - SCOPES.keys())
