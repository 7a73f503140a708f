"""Beat's schedule under our theme; whoever changes it is written down."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin import action
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django_celery_beat import admin as beat_admin
from django_celery_beat.models import PeriodicTask
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.core.addresses import address_of
from apps.core.admin import ModelAdmin, changes_in
from apps.users.models import User
from apps.users.services import audit


class _TaskSelect(UnfoldAdminSelectWidget, beat_admin.TaskSelectWidget):  # type: ignore[misc]
    """The list of tasks, looking like every other select."""


class _PeriodicTaskForm(beat_admin.PeriodicTaskForm):  # type: ignore[misc]
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["regtask"].widget = _TaskSelect()


class _Recorded(ModelAdmin):
    """Writes down what is added, changed and deleted, with the values before."""

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        # The library's form has one field more, which only fills another.
        changes = changes_in(form, but=["regtask"])
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            if not change or changes:
                verb = "changed the schedule" if change else "added to the schedule"
                self.note(request, verb, obj, changes=changes)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with transaction.atomic():
            self.note(request, "deleted from the schedule", obj)
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with transaction.atomic():
            for row in queryset:
                self.note(request, "deleted from the schedule", row)
            super().delete_queryset(request, queryset)

    def note(self, request: HttpRequest, verb: str, row: Model, **details: Any) -> None:
        assert isinstance(request.user, User)
        audit.record(
            verb, row, actor=request.user, address=address_of(request), **details
        )


class PeriodicTaskAdmin(beat_admin.PeriodicTaskAdmin, _Recorded):  # type: ignore[misc]
    form = _PeriodicTaskForm

    @action(description="Enable selected tasks")
    def enable_tasks(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._switch(request, queryset, super().enable_tasks)

    @action(description="Disable selected tasks")
    def disable_tasks(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._switch(request, queryset, super().disable_tasks)

    @action(description="Toggle activity of selected tasks")
    def toggle_tasks(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._switch(request, queryset, super().toggle_tasks)

    @action(description="Run selected tasks")
    def run_tasks(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for task in queryset:
            self.note(request, "ran a scheduled task", task)
        super().run_tasks(request, queryset)

    def _switch(
        self,
        request: HttpRequest,
        tasks: QuerySet[Any],
        deed: Callable[[HttpRequest, QuerySet[Any]], None],
    ) -> None:
        """Do it to all of them; write down those it changed."""
        with transaction.atomic():
            before = dict(tasks.values_list("pk", "enabled"))
            deed(request, tasks)
            for task in PeriodicTask.objects.filter(pk__in=before).order_by("pk"):
                if task.enabled != before[task.pk]:
                    enabled = [before[task.pk], task.enabled]
                    self.note(request, "changed the schedule", task, enabled=enabled)


class IntervalScheduleAdmin(_Recorded):
    pass


class CrontabScheduleAdmin(beat_admin.CrontabScheduleAdmin, _Recorded):  # type: ignore[misc]
    pass
