"""The back office's pages of credit."""

from django.contrib import admin

from apps.credit.admin.applicants import ApplicantAdmin
from apps.credit.admin.lenders import LenderAdmin
from apps.credit.admin.reports import CreditReportAdmin
from apps.credit.models import Applicant, CreditReport, Lender

admin.site.register(Applicant, ApplicantAdmin)
admin.site.register(CreditReport, CreditReportAdmin)
admin.site.register(Lender, LenderAdmin)
