"""Invite somebody to a client's team."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.core.management.reporting import ExitCode, json_line
from apps.core.queueing import after_commit
from apps.platforms.errors import TeamRefuses
from apps.platforms.management.shops import shop_named
from apps.platforms.models import Invitation
from apps.platforms.services.team.invitations import invite
from apps.platforms.services.team.seats import Seat
from apps.platforms.tasks import mail_invitation
from apps.users.models import Client, User
from apps.users.roles import PERMISSIONS, Role


class Command(BaseCommand):
    help = (
        "Invite somebody by e-mail to work for a client. The link goes out by mail "
        "alone; it works once, for seven days. An open invitation of the same address "
        "gives way to the new one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--client", required=True, metavar="NAME")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument(
            "--shop",
            action="append",
            default=[],
            metavar="ID|NAME",
            help="where the role holds; repeatable. Without it: at all shops",
        )
        parser.add_argument(
            "--extra",
            action="append",
            default=[],
            choices=sorted(PERMISSIONS),
            help="a permission beside the role; repeatable",
        )
        parser.add_argument(
            "--by",
            metavar="USERNAME",
            help="the superuser who invites; without it, the first",
        )
        parser.add_argument("--json", action="store_true", help="one object a line")
        parser.add_argument("--dry-run", action="store_true", help="write nothing")

    def handle(
        self,
        *,
        email: str,
        client: str,
        role: str,
        shop: list[str],
        extra: list[str],
        by: str | None,
        json: bool,
        dry_run: bool,
        **options: Any,
    ) -> None:
        company, actor = _client_named(client), _superuser(by)
        shops = [shop_named(name) for name in shop]
        seat = Seat(role, tuple(extra))
        try:
            with transaction.atomic():
                row = invite(actor, company, email, seat, shops=shops)
                if dry_run:
                    transaction.set_rollback(True)
                else:
                    after_commit(mail_invitation.delay, row.pk)
        except TeamRefuses as error:
            raise CommandError(str(error), returncode=ExitCode.USAGE) from None
        where = ", ".join(map(str, shops)) or f"all shops of {company}"
        self.stdout.write(
            _as_json(row, where, dry_run=dry_run)
            if json
            else _in_words(row, seat, where, dry_run=dry_run)
        )


def _client_named(name: str) -> Client:
    found = Client.objects.companies().filter(name__iexact=name).first()
    if found is None:
        known = ", ".join(map(str, Client.objects.companies())) or "none yet"
        raise CommandError(
            f"No client “{name}”. Known: {known}.", returncode=ExitCode.USAGE
        )
    return found


def _superuser(username: str | None) -> User:
    rows = User.objects.filter(is_superuser=True, is_active=True).order_by("pk")
    found = (rows.filter(username=username) if username else rows).first()
    if found is None:
        which = f"No superuser “{username}”." if username else "There is no superuser."
        raise CommandError(
            f"{which} Somebody must answer for the invitation: make one with "
            "createsuperuser.",
            returncode=ExitCode.USAGE,
        )
    return found


def _in_words(row: Invitation, seat: Seat, where: str, *, dry_run: bool) -> str:
    did = "would be invited" if dry_run else "is invited"
    text = f"{row.email} {did} to {row.client}: {seat.in_words}, at {where}."
    if dry_run:
        return f"{text}\nDry run: nothing was written."
    return f"{text} The mail goes out within minutes."


def _as_json(row: Invitation, where: str, *, dry_run: bool) -> str:
    return json_line(
        type="summary",
        invitation=None if dry_run else row.pk,
        email=row.email,
        client=row.client.name,
        role=row.role,
        extra=row.extra_permissions,
        shops=where,
        expires_at=row.expires_at,
        dry_run=dry_run,
    )
