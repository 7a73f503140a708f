"""The back office's pages of money."""

from django.contrib import admin

from apps.finance.admin.lines import LineAdmin
from apps.finance.admin.payouts import PaymentAdmin
from apps.finance.admin.rates import RateAdmin
from apps.finance.admin.statements import StatementAdmin
from apps.finance.admin.unsettled import UnsettledAdmin
from apps.finance.models import (
    ExchangeRate,
    Payment,
    SettlementTransaction,
    Statement,
    UnsettledTransaction,
)

admin.site.register(ExchangeRate, RateAdmin)
admin.site.register(Payment, PaymentAdmin)
admin.site.register(SettlementTransaction, LineAdmin)
admin.site.register(Statement, StatementAdmin)
admin.site.register(UnsettledTransaction, UnsettledAdmin)
