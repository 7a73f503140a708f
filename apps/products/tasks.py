"""Celery entry points. Rows say what is due; messages only wake."""

from celery import shared_task

from apps.products.models import PublishRun
from apps.products.services import publishing, suggesting
from apps.users.models import Client


@shared_task
def sweep_suggestions() -> int:
    """Wake a round for each client whose suggestions are due; how many."""
    due = suggesting.stale_clients()
    for client_id in due:
        refresh_suggestions.delay(client_id)
    return len(due)


@shared_task
def refresh_suggestions(client_id: int) -> None:
    """Work out a client's suggestions, unless another message has seen to it."""
    client = Client.objects.filter(pk=client_id).first()
    if client is not None and suggesting.is_stale(client_id):
        suggesting.refresh_suggestions(client)


@shared_task
def sweep_publish_runs() -> int:
    """Wake each publishing run that waits, or whose process has ended; how many."""
    due = publishing.due_runs()
    for run in due:
        work_publish_run.delay(run.pk)
    return len(due)


@shared_task
def work_publish_run(run_id: int) -> None:
    """Do one run as far as it goes; a second message for it finds nothing to do."""
    run = PublishRun.objects.filter(pk=run_id).first()
    if run is not None:
        publishing.work(run)
