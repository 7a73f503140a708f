"""The Celery app; tasks are found in each app's tasks.py."""

import os
from contextlib import ExitStack
from typing import Any

from celery import Celery, Task, signals

from apps.core.logging import bound, bound_ids
from config.roomy import roomy

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")


class RoomyTask(Task):  # type: ignore[type-arg]
    __call__ = roomy(Task.__call__)


app = Celery("shopdesk", task_cls=RoomyTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# The header in which a message names the request that sent it.
_REQUEST = "shopdesk_request"
_under_way: dict[str, ExitStack] = {}


@signals.setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Celery would put its own handlers in place of ours, which leave secrets out;
    somebody listening is enough. LOG_LEVEL decides here as well."""


@signals.before_task_publish.connect
def name_the_request(headers: dict[str, Any], **_: Any) -> None:
    if request := bound_ids().get("request"):
        headers[_REQUEST] = request


@signals.task_prerun.connect
def join_lines(task_id: str, task: Any, **_: Any) -> None:
    """What a task writes names it, and the request that it was sent by."""
    ids = {"task": task_id}
    if request := getattr(task.request, _REQUEST, None):
        ids["request"] = request
    stack = _under_way[task_id] = ExitStack()
    stack.enter_context(bound(**ids))


@signals.task_postrun.connect
def part_lines(task_id: str, **_: Any) -> None:
    if stack := _under_way.pop(task_id, None):
        stack.close()
