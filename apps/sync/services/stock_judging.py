"""Who moved the stock a shop shows: from what it was told, what was ordered there and
what the platform says beside it. Pure: no database.

Only a difference that nothing else explains is put down to somebody.
"""

from dataclasses import dataclass
from datetime import datetime

from apps.sync.models import StockDrift

Mover = StockDrift.Mover


@dataclass(frozen=True, slots=True)
class Look:
    """One SKU in one warehouse of a shop, with the pieces it is to show, shows, and was
    told (None: never).

    `ordered` are pieces that left what can be sold there, by orders of that shop that
    we learnt of since it was told. Of the SKU in all warehouses: `short` is how many
    fewer are shown than told, `all_ordered` how many of `ordered` there are, `unheard`
    how many more the platform counts as sold and not sent than we know of, `set_aside`
    how many are kept for campaigns and creators.
    `sent` is a figure of which we never heard whether it was taken.
    """

    wanted: int
    found: int
    found_at: datetime
    told: int | None = None
    told_at: datetime | None = None
    sent: int | None = None
    sent_at: datetime | None = None
    ordered: int = 0
    short: int = 0
    all_ordered: int = 0
    unheard: int = 0
    set_aside: int = 0
    why_never: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who moved it, and what makes us say so. `passes`: it will be in step by itself;
    `is_ours`: our own figure is the right one, whatever the shop's setting is;
    `is_doubtful`: a sale may be under way that we have not heard of."""

    mover: StockDrift.Mover
    evidence: str
    passes: bool = False
    is_ours: bool = False
    is_doubtful: bool = False


def judge(look: Look) -> Verdict | None:
    """None where the shop shows what it is to, or was told."""
    if look.found in (look.wanted, look.told):
        return None
    if look.sent is not None and look.found == look.sent:
        return Verdict(Mover.LOST_PUSH, _lost(look), is_ours=True)
    if look.told is None:
        why = look.why_never.strip() or "It has not got so far yet."
        return Verdict(Mover.NEVER_TOLD, f"It was never told ours. {why}")
    if look.ordered and look.found == look.told - look.ordered:
        return Verdict(Mover.SALES, f"{_told(look)} {_ordered(look)}", is_ours=True)
    if look.unheard and look.unheard + look.all_ordered == look.short:
        heard = f" {_ordered(look)}" if look.ordered else ""
        evidence = f"{_told(look)}{heard} {_unheard(look)}"
        return Verdict(Mover.SALES, evidence, passes=True)
    if look.set_aside and look.set_aside == abs(look.short):
        return Verdict(Mover.PROMOTION, f"{_told(look)} {_set_aside(look)}")
    evidence = f"{_told(look)} {_since(look)} {_shown(look)}"
    return Verdict(Mover.SOMEBODY, evidence, is_doubtful=bool(look.unheard))


def _told(look: Look) -> str:
    return f"We told it {look.told:,}{_at(look.told_at)}."


def _shown(look: Look) -> str:
    return f"It shows {look.found:,}{_at(look.found_at)}."


def _lost(look: Look) -> str:
    return (
        f"We sent {look.sent:,}{_at(look.sent_at)} and never heard that it was taken; "
        "it was."
    )


def _ordered(look: Look) -> str:
    if look.ordered > 0:
        return f"{look.ordered:,} were ordered there since."
    return f"{-look.ordered:,} ordered there were called off since."


def _unheard(look: Look) -> str:
    if look.unheard > 0:
        return f"TikTok counts {look.unheard:,} more as sold than have come here yet."
    return f"TikTok counts {-look.unheard:,} fewer as sold than we know of."


def _set_aside(look: Look) -> str:
    return f"{look.set_aside:,} are set aside there for campaigns or creators."


def _since(look: Look) -> str:
    if not look.ordered:
        return "No order there has changed it since."
    verb = "ordered there" if look.ordered > 0 else "called off"
    return f"{abs(look.ordered):,} were {verb} since, which is not the difference."


def _at(moment: datetime | None) -> str:
    return f" on {moment:%d %b at %H:%M} UTC" if moment else ""
