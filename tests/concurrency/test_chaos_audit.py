"""The audit of `make chaos` finds what it is there to find, and nothing else."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apps.backoffice.models import SalesDay
from apps.backoffice.services.analytics.counting import count_sales
from apps.inventory.models import StockLevel
from apps.platforms.models import ApiCall
from benchmarks.chaos import audit
from benchmarks.chaos.pieces import Pieces, differing, on_hand
from tests.factories.inventory import count
from tests.factories.orders import make_order
from tests.factories.platforms import make_shop
from tests.factories.products import make_variant

pytestmark = pytest.mark.django_db
NONE: Counter[int] = Counter()
SECRET = "a secret of the platform's"


@dataclass
class Stage:
    """What the audit asks of the simulator."""

    folder: Path

    def control(self, path: str) -> Any:
        return {"apps": [{"app_secret": SECRET}], "tokens": []}[path]


def staged(folder: Path) -> Any:
    return Stage(folder)


def test_a_piece_too_many_or_too_few_is_found():
    variant = make_variant()
    count(variant, 10)
    lay, key = on_hand(), variant.pk
    began, now = Pieces(gone=Counter({key: 4})), Pieces(gone=Counter({key: 6}))

    assert differing(now, now, lay, NONE, NONE) == []
    assert differing(now, began, lay, NONE, Counter({key: 2})) == []
    assert differing(now, began, lay, NONE, NONE) == [
        f"variant {key}: on_hand 10, not 8"
    ]
    waiting = Pieces(waiting=Counter({key: 3}))
    StockLevel.objects.update(reserved=4)
    assert differing(waiting, waiting, lay, Counter({key: 1}), NONE) == []
    assert differing(waiting, waiting, lay, NONE, NONE) == [
        f"variant {key}: reserved 4, not 3"
    ]


def test_a_cent_too_much_is_found(tmp_path):
    shop = make_shop()
    make_order(shop)
    count_sales(shop)
    assert audit.sums(staged(tmp_path)) == []

    row = SalesDay.objects.get(split=SalesDay.Split.WHOLE)
    row.gmv += Decimal("0.01")
    row.save()

    whole, day = audit.sums(staged(tmp_path))
    assert str(row.gmv.quantize(Decimal("0.01"))) in whole
    assert "gmv" in day


def test_a_secret_in_a_log_or_a_call_is_found(tmp_path):
    (tmp_path / "log").mkdir()
    log = tmp_path / "log" / "worker.log"
    log.write_text("order ingested\n")
    (tmp_path / "up.log").touch()
    call = ApiCall.objects.create(
        method="GET", path="/orders", http_status=200, code=0, milliseconds=9
    )
    stage = staged(tmp_path)
    assert audit.secrets(stage, ["our own token"]) == []

    log.write_text(f"asked with {SECRET}\n")
    ApiCall.objects.update(response='{"token": "our own token"}')

    assert audit.secrets(stage, ["our own token"]) == [
        "worker.log tells a secret",
        f"call {call.pk} tells a secret",
    ]
