"""How commands are told a period: the last so many days, or from when until when."""

from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from apps.core.management.reporting import ExitCode

MOST_DAYS = 3_650


def add_period_options(parser: ArgumentParser, verb: str = "changed") -> None:
    """`verb` is what happened to things within it."""
    parser.add_argument("--days", type=float, help=f"{verb} in the last N days")
    parser.add_argument("--since", type=instant, help=f"{verb} from (ISO 8601)")
    parser.add_argument("--until", type=instant, help=f"{verb} before (ISO 8601)")


def period_of(options: dict[str, Any]) -> dict[str, datetime | None]:
    """{"since": …, "until": …} as asked for. Raises CommandError (exit 2)."""
    since, until = options["since"], options["until"]
    if options["days"] is not None:
        # Not a number is not within either.
        if since or not 0 < options["days"] <= MOST_DAYS:
            raise CommandError(
                f"Give --days (more than 0, {MOST_DAYS:,} at most) or --since, "
                "not both.",
                returncode=ExitCode.USAGE,
            )
        since = (until or timezone.now()) - timedelta(days=options["days"])
    if until and not since:
        raise CommandError("--until needs --since.", returncode=ExitCode.USAGE)
    if since and until and since >= until:
        raise CommandError(
            "--since must lie before --until.", returncode=ExitCode.USAGE
        )
    return {"since": since, "until": until}


def instant(text: str) -> datetime:
    """An ISO 8601 instant; a date alone is its midnight, and no zone means UTC."""
    value = parse_datetime(text) or datetime.fromisoformat(text)
    return value if value.tzinfo else value.replace(tzinfo=UTC)
