"""The order desk: a list that says what to do next, and one page an order."""

from django.contrib import admin

from apps.orders.admin.cancellations import CancellationAdmin
from apps.orders.admin.customers import CustomerAdmin
from apps.orders.admin.order import OrderAdmin
from apps.orders.admin.packages import PackageAdmin
from apps.orders.admin.returns import ReturnAdmin
from apps.orders.admin.runs import RunAdmin
from apps.orders.admin.unknown_words import UnknownWordAdmin
from apps.orders.models import (
    ActionRun,
    Buyer,
    Cancellation,
    Order,
    Package,
    Return,
    UnknownWord,
)

admin.site.register(Order, OrderAdmin)
admin.site.register(Package, PackageAdmin)
admin.site.register(Cancellation, CancellationAdmin)
admin.site.register(Return, ReturnAdmin)
admin.site.register(UnknownWord, UnknownWordAdmin)
admin.site.register(ActionRun, RunAdmin)
admin.site.register(Buyer, CustomerAdmin)
