"""Addresses below /api/v1/: runs, and what shops are told of our stock."""

from rest_framework.routers import SimpleRouter

from apps.sync.api.creator_runs import CreatorRuns
from apps.sync.api.gaps import Gaps
from apps.sync.api.runs import Runs
from apps.sync.api.stock_drifts import StockDrifts
from apps.sync.api.stock_pushes import StockPushes

router = SimpleRouter(use_regex_path=False)
router.register("runs", Runs, "run")
router.register("creator-runs", CreatorRuns, "creator-run")
router.register("gaps", Gaps, "gap")
router.register("stock-pushes", StockPushes, "stock-push")
router.register("stock-drifts", StockDrifts, "stock-drift")

urlpatterns = router.urls
