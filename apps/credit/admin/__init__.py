"""The back office's pages of credit."""

from django.contrib import admin

from apps.credit.admin.lenders import LenderAdmin
from apps.credit.models import Lender

admin.site.register(Lender, LenderAdmin)
