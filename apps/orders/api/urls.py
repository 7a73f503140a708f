"""Addresses below /api/v1/: orders, and what hangs on them."""

from rest_framework.routers import SimpleRouter

from apps.orders.api.action_runs import ActionRuns
from apps.orders.api.cancellations import Cancellations
from apps.orders.api.carriers import Carriers
from apps.orders.api.order_actions import OrderActions
from apps.orders.api.order_deeds import OrderDeeds
from apps.orders.api.order_parts import OrderEvents, OrderNotes, OrderTrackingSteps
from apps.orders.api.order_questions import OrderQuestions
from apps.orders.api.orders import Orders
from apps.orders.api.package_documents import PackageDocuments
from apps.orders.api.packages import Packages
from apps.orders.api.returns import Returns
from apps.orders.api.tracking_uploads import TrackingUploads

_ORDER = "orders/<int:order_id>"

router = SimpleRouter(use_regex_path=False)
router.register("orders", Orders, "order")
router.register("orders", OrderDeeds, "order-deed")
router.register("orders", OrderQuestions, "order-question")
router.register(f"{_ORDER}/events", OrderEvents, "order-event")
router.register(f"{_ORDER}/notes", OrderNotes, "order-note")
router.register(f"{_ORDER}/tracking-steps", OrderTrackingSteps, "order-tracking-step")
router.register("tracking-uploads", TrackingUploads, "tracking-upload")
router.register("packages", Packages, "package")
router.register(
    "packages/<int:package_id>/documents", PackageDocuments, "package-document"
)
router.register("cancellations", Cancellations, "cancellation")
router.register("returns", Returns, "return")
router.register("order-actions", OrderActions, "order-action")
router.register("action-runs", ActionRuns, "action-run")
router.register("carriers", Carriers, "carrier")

urlpatterns = router.urls
