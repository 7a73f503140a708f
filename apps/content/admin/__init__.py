"""Creators, and what they sold."""

from django.contrib import admin

from apps.content.admin.creators import CreatorAdmin
from apps.content.admin.orders import AffiliateOrderAdmin
from apps.content.models import AffiliateOrder, Creator

admin.site.register(Creator, CreatorAdmin)
admin.site.register(AffiliateOrder, AffiliateOrderAdmin)
