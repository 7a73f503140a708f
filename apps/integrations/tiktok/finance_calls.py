"""Calls about what is settled and paid: statements, their lines, payments.

All read; all need seller.finance.info. Data begin on 1 July 2023.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from apps.integrations.contracts import (
    PaymentPage,
    RemoteStatement,
    SettlementPage,
    SkuSettlements,
    StatementPage,
    UnsettledPage,
    WithdrawalPage,
)
from apps.integrations.tiktok.calls import Operation
from apps.integrations.tiktok.pages import page_params, window
from apps.integrations.tiktok.reading import JsonObject
from apps.integrations.tiktok.settlements import (
    payment_page_from_json,
    settlement_page_from_json,
    sku_settlements_from_json,
    statement_page_from_json,
    unsettled_page_from_json,
    withdrawal_page_from_json,
)

STATEMENTS = Operation("GET", "/finance/202309/statements", is_safe=True)
OF_STATEMENT = Operation(
    "GET",
    "/finance/202501/statements/{statement_id}/statement_transactions",
    is_safe=True,
)
OF_ORDER = Operation(
    "GET", "/finance/202501/orders/{order_id}/statement_transactions", is_safe=True
)
UNSETTLED = Operation("GET", "/finance/202507/orders/unsettled", is_safe=True)
PAYMENTS = Operation("GET", "/finance/202309/payments", is_safe=True)
WITHDRAWALS = Operation("GET", "/finance/202309/withdrawals", is_safe=True)

LARGEST_PAGE = 100
WITHDRAWAL_TYPES = ("WITHDRAW", "SETTLE", "TRANSFER", "REVERSE", "PAYMENT", "REFUND")


class FinanceCalls:
    """The part of a client that speaks of money; raises PlatformError."""

    _call: Callable[..., JsonObject]

    def search_statements(
        self, since: datetime, until: datetime, *, page_token: str = ""
    ) -> StatementPage:
        """One page of the statements of [since, until), oldest first. Source: "Get
        Statements"."""
        asked = _within("statement_time", since, until)
        if asked is None:
            return StatementPage(())
        params = page_params(LARGEST_PAGE, page_token, "statement_time") | asked
        return statement_page_from_json(self._call(STATEMENTS, params))

    def statement_settlements(
        self, statement: RemoteStatement, *, page_token: str = ""
    ) -> SettlementPage:
        """One page of what a statement consists of. Source: "Get Transactions by
        Statement"."""
        params = page_params(LARGEST_PAGE, page_token, "order_create_time")
        data = self._call(OF_STATEMENT.of(statement.remote_id), params)
        return settlement_page_from_json(data, statement)

    def order_settlements(self, order_id: str) -> SkuSettlements:
        """SKU by SKU; nothing until the order is settled, which is no error. Source:
        "Get Transactions by Order"."""
        return sku_settlements_from_json(self._call(OF_ORDER.of(order_id)))

    def search_unsettled(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        page_token: str = "",
    ) -> UnsettledPage:
        """One page of what is to come, by when orders were placed; from 2025 on.
        Source: "Get Unsettled Transactions"."""
        params = page_params(LARGEST_PAGE, page_token, "order_create_time")
        if since is not None and until is not None:
            asked = _within("search_time", since, until)
            if asked is None:
                return UnsettledPage(())
            params |= asked
        return unsettled_page_from_json(self._call(UNSETTLED, params))

    def search_payments(
        self, since: datetime, until: datetime, *, page_token: str = ""
    ) -> PaymentPage:
        """One page of payments made in [since, until), oldest first. Source: "Get
        Payments" (202309, which alone tells the reserve)."""
        asked = _within("create_time", since, until)
        if asked is None:
            return PaymentPage(())
        params = page_params(LARGEST_PAGE, page_token, "create_time") | asked
        return payment_page_from_json(self._call(PAYMENTS, params))

    def search_withdrawals(
        self,
        since: datetime,
        until: datetime,
        *,
        types: Sequence[str] = (),
        page_token: str = "",
    ) -> WithdrawalPage:
        """One page of the balance's movements in [since, until). Source: "Get
        Withdrawals"."""
        asked = _within("create_time", since, until)
        if asked is None:
            return WithdrawalPage(())
        params = page_params(LARGEST_PAGE, page_token) | asked
        params["types"] = ",".join(types or WITHDRAWAL_TYPES)
        return withdrawal_page_from_json(self._call(WITHDRAWALS, params))


def _within(field: str, since: datetime, until: datetime) -> dict[str, str] | None:
    bounds = window(field, since, until)
    if bounds is None:
        return None
    return {name: str(value) for name, value in bounds.items()}
