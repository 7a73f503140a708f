"""Addresses below /api/v1/: files that are read in."""

from rest_framework.routers import SimpleRouter

from apps.imports.api.imports import Imports

router = SimpleRouter(use_regex_path=False)
router.register("imports", Imports, "import")

urlpatterns = router.urls
