"""Shops, the apps they are connected through, and the log of calls."""

from django.contrib import admin

from apps.platforms.admin.api_app import ApiAppAdmin
from apps.platforms.admin.calls import ApiCallAdmin
from apps.platforms.admin.creators import CreatorAccountAdmin
from apps.platforms.admin.shop import ShopAdmin
from apps.platforms.models import ApiApp, ApiCall, CreatorAccount, Shop

admin.site.register(Shop, ShopAdmin)
admin.site.register(ApiApp, ApiAppAdmin)
admin.site.register(ApiCall, ApiCallAdmin)
admin.site.register(CreatorAccount, CreatorAccountAdmin)
