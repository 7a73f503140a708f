"""What a score was reckoned from, packed to be kept, and opened to be reckoned anew."""

import json
import zlib
from hashlib import sha256
from typing import NamedTuple

from apps.credit.models import ScoreInput
from apps.credit.rules import Features, SnapshotInput, snapshot
from apps.credit.rules.results import Snapshot
from apps.credit.services.around import Around
from apps.credit.services.collecting import Collected


class Opened(NamedTuple):
    """`is_whole`: the rows are those whose digest was kept."""

    income: Snapshot
    features: Features
    is_whole: bool


def pack(collected: Collected) -> ScoreInput:
    """Not stored yet."""
    text = json.dumps(
        {
            "rows": collected.given.to_dict(),
            "around": collected.around.to_dict(),
            "regions": collected.regions,
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    ).encode()
    return ScoreInput(
        digest=_digest(text),
        body=zlib.compress(text, level=3),
        orders=len(collected.given.orders),
        commissions=len(collected.given.commissions),
    )


def unpack(stored: ScoreInput) -> Opened:
    """Raises ValueError for one that was emptied."""
    if not stored.body:
        raise ValueError("The rows behind this score were let go.")
    text = zlib.decompress(bytes(stored.body))
    data = json.loads(text)
    income = snapshot(SnapshotInput.from_dict(data["rows"]))
    around = Around.from_dict(data["around"])
    return Opened(
        income,
        around.features(income, data["regions"]),
        _digest(text) == stored.digest,
    )


def _digest(text: bytes) -> str:
    return sha256(text).hexdigest()
