"""The figures, the schedule and the retention settings."""

from django.contrib import admin
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from apps.backoffice.admin.analytics.page import AnalyticsAdmin
from apps.backoffice.admin.retention import RetentionAdmin
from apps.backoffice.admin.schedule import (
    CrontabScheduleAdmin,
    IntervalScheduleAdmin,
    PeriodicTaskAdmin,
)
from apps.backoffice.models import Analytics, RetentionRule

# Other people's pages, brought under our theme or taken away.
for _model in (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
):
    admin.site.unregister(_model)

admin.site.register(PeriodicTask, PeriodicTaskAdmin)
admin.site.register(IntervalSchedule, IntervalScheduleAdmin)
admin.site.register(CrontabSchedule, CrontabScheduleAdmin)
admin.site.register(RetentionRule, RetentionAdmin)
admin.site.register(Analytics, AnalyticsAdmin)
