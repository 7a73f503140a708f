"""Addresses below /api/v1/: runs."""

from rest_framework.routers import SimpleRouter

from apps.sync.api.runs import Runs

router = SimpleRouter(use_regex_path=False)
router.register("runs", Runs, "run")

urlpatterns = router.urls
