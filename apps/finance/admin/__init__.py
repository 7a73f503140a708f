"""The back office's pages of money."""

from django.contrib import admin

from apps.finance.admin.rates import RateAdmin
from apps.finance.models import ExchangeRate

admin.site.register(ExchangeRate, RateAdmin)
