"""Addresses below /api/v1/: settlements and payments."""

from rest_framework.routers import SimpleRouter

from apps.finance.api.settlements import (
    Payments,
    SettlementTransactions,
    Statements,
    Unsettled,
)

router = SimpleRouter(use_regex_path=False)
router.register("statements", Statements, "statement")
router.register("settlement-transactions", SettlementTransactions, "settlement")
router.register("payments", Payments, "payment")
router.register("unsettled", Unsettled, "unsettled")

urlpatterns = router.urls
