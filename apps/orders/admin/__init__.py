"""The order desk: a list that says what to do next, and one page an order."""

from django.contrib import admin

from apps.orders.admin.order import OrderAdmin
from apps.orders.models import Order

admin.site.register(Order, OrderAdmin)
