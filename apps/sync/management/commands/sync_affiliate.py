"""Pull affiliate orders by hand, of shops or of creators' own accounts."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from apps.core.management.periods import period_of
from apps.core.management.reporting import ExitCode, json_line, table, worst
from apps.integrations.errors import ConsentNeeded, PlatformError
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress
from apps.platforms.models import CreatorAccount, Shop
from apps.sync.errors import AlreadyRunning
from apps.sync.management.pulling import PullCommand
from apps.sync.models import CreatorRun, Resource, SyncRun
from apps.sync.services.affiliate import pull_affiliate
from apps.sync.services.creators import pull_creator

_COUNTS = ("read", "new", "updated", "same", "failed")


class Command(PullCommand):
    help = (
        "Pull what creators sold: of shops, or with --creator of creators' accounts. "
        "Without a period: the last 90 days, as commissions change for weeks. "
        "Repeating it changes nothing."
    )
    resources = (Resource.AFFILIATE,)

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--creator",
            action="append",
            default=[],
            metavar="USERNAME",
            help="a creator's account instead of shops, by name or key; repeatable; "
            "“all” for all that are connected",
        )

    def handle(self, **options: Any) -> None:
        if not options["creator"]:
            super().handle(**options)
            return
        if options["dry_run"] or options["limit"]:
            raise CommandError(
                "--creator takes neither --dry-run nor --limit.",
                returncode=ExitCode.USAGE,
            )
        period = period_of(options)
        codes, runs = [], []
        for account in _accounts(options["creator"]):
            code, run = self._pull_creator(account, period)
            codes.append(code)
            runs += [run] if run else []
        self._tell(runs, is_json=options["json"])
        if code := worst(codes):
            raise SystemExit(int(code))

    def pull(self, shop: Shop, resource: Resource, **options: Any) -> SyncRun:
        return pull_affiliate(shop, **options)

    def _pull_creator(
        self, account: CreatorAccount, period: dict[str, Any]
    ) -> tuple[ExitCode, CreatorRun | None]:
        try:
            run = pull_creator(account, trigger=SyncRun.Trigger.COMMAND, **period)
        except AlreadyRunning as error:
            self.stderr.write(self.style.WARNING(str(error)))
            return ExitCode.ALREADY_RUNNING, None
        except (ReconnectNeeded, ConsentNeeded) as error:
            self.stderr.write(self.style.ERROR(f"{account}: {error}"))
            return ExitCode.NEEDS_PERSON, _last_run(account)
        except (PlatformError, RefreshInProgress) as error:
            self.stderr.write(self.style.ERROR(f"{account}: {error}"))
            return ExitCode.PARTLY, _last_run(account)
        return (ExitCode.PARTLY if run.failed else ExitCode.DONE), run

    def _tell(self, runs: list[CreatorRun], *, is_json: bool) -> None:
        if is_json:
            for run in runs:
                told = {name: getattr(run, name) for name in _COUNTS}
                self.stdout.write(json_line(type="creator", id=run.account_id, **told))
            totals = {n: sum(getattr(run, n) for run in runs) for n in _COUNTS}
            line = json_line(type="summary", creators=len(runs), **totals)
            self.stdout.write(line)
            return
        rows = [
            (str(run.account), *(f"{getattr(run, name):,}" for name in _COUNTS))
            for run in runs
        ]
        header = ("Creator", *(name.capitalize() for name in _COUNTS))
        self.stdout.write(table(header, rows))


def _last_run(account: CreatorAccount) -> CreatorRun | None:
    return CreatorRun.objects.filter(account=account).first()


def _accounts(names: list[str]) -> list[CreatorAccount]:
    """Raises CommandError naming one that is not there."""
    known = CreatorAccount.objects.connected().order_by("pk")
    if "all" in names:
        return list(known)
    found = []
    for name in names:
        plain = name.removeprefix("@")
        rows = known.filter(username__iexact=plain)
        if not rows and plain.isdecimal():
            rows = known.filter(pk=int(plain))
        if not rows:
            raise CommandError(
                f"No connected creator account is called {name}.",
                returncode=ExitCode.USAGE,
            )
        found += list(rows)
    return found
