"""Celery entry points."""

from smtplib import SMTPException

from celery import shared_task

from apps.users.services import passwords


@shared_task(autoretry_for=(OSError, SMTPException), retry_backoff=True, max_retries=5)
def mail_password_reset(user_id: int) -> None:
    """Nobody has the number 0: it stands for an address nobody has."""
    passwords.mail_reset_link(user_id)
