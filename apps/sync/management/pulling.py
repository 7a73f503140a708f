"""What commands that pull have in common: options, progress, summary, exit codes."""

import logging
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from apps.core.management.periods import add_period_options, period_of
from apps.core.management.reporting import (
    ExitCode,
    Progress,
    grouped,
    json_line,
    table,
    worst,
)
from apps.integrations.errors import ConsentNeeded, PlatformError
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress, ShopRefuses
from apps.platforms.management.shops import add_shop_options, chosen_shops
from apps.platforms.models import Shop
from apps.sync.errors import AlreadyRunning
from apps.sync.models import Resource, SyncIssue, SyncRun

logger = logging.getLogger(__name__)

HEADER = ("Shop", "Read", "New", "Updated", "Same", "Failed", "Took")


class PullCommand(BaseCommand):
    """Pulls resources of the shops that are named, one after the other; it is called
    after the last of them."""

    resources: tuple[Resource, ...]
    # What is compared as it is now has none.
    has_period = True

    def pull(self, shop: Shop, resource: Resource, **options: Any) -> SyncRun:
        """The service that does it; `on_page` is told of the run as it goes."""
        raise NotImplementedError

    def more_options(self, shop: Shop, options: dict[str, Any]) -> dict[str, Any]:
        """What else the service is to be told."""
        return {}

    @property
    def name(self) -> str:
        return f"sync_{self.resources[-1].value}"

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = " or ".join(each.label.lower() for each in self.resources)
        add_shop_options(parser)
        if self.has_period:
            add_period_options(parser)
        parser.add_argument("--limit", type=int, help=f"stop each shop after N {what}")
        parser.add_argument("--dry-run", action="store_true", help=f"write no {what}")
        parser.add_argument("--json", action="store_true", help="one object a line")
        parser.add_argument("--no-progress", action="store_true")

    def is_quiet(self, options: dict[str, Any]) -> bool:
        return bool(
            options["json"] or options["no_progress"] or options["verbosity"] == 0
        )

    def handle(self, **options: Any) -> None:
        period = period_of(options) if self.has_period else {}
        if options["limit"] is not None and options["limit"] < 1:
            raise CommandError("--limit must be 1 or more.", returncode=ExitCode.USAGE)
        codes: list[ExitCode] = []
        runs: list[SyncRun] = []
        try:
            for shop in chosen_shops(options):
                for resource in self.resources:
                    code, run = self._pull(shop, resource, period, options)
                    codes.append(code)
                    if run is not None:
                        runs.append(run)
        except KeyboardInterrupt:
            self.stderr.write("\nInterrupted; what was pulled is kept.")
            raise SystemExit(int(ExitCode.INTERRUPTED)) from None
        self._summary(runs, options)
        if code := worst(codes):
            raise SystemExit(int(code))

    def _pull(
        self,
        shop: Shop,
        resource: Resource,
        period: dict[str, datetime | None],
        options: dict[str, Any],
    ) -> tuple[ExitCode, SyncRun | None]:
        subject = f"shop={shop.pk}"
        if self._is_of_several:
            subject += f" resource={resource.value}"
        progress = Progress(
            self.name, subject, self.stderr, quiet=self.is_quiet(options)
        )
        if progress.is_terminal:
            progress.subject = self._named(shop, resource)
        latest: list[SyncRun] = []

        def on_page(run: SyncRun) -> None:
            latest[:] = [run]
            progress.show(run.read, run.expected, _counts(run))

        try:
            asked = {
                "trigger": SyncRun.Trigger.COMMAND,
                **period,
                "limit": options["limit"],
                "dry_run": options["dry_run"],
                "on_page": on_page,
                **self.more_options(shop, options),
            }
            run = self.pull(shop, resource, **asked)
        except AlreadyRunning as error:
            self.stderr.write(self.style.WARNING(str(error)))
            return ExitCode.ALREADY_RUNNING, None
        except (ReconnectNeeded, ConsentNeeded) as error:
            self.stderr.write(self.style.ERROR(f"{shop}: reconnect needed. {error}"))
            return ExitCode.NEEDS_PERSON, self._last_run(shop, resource, latest)
        except (PlatformError, RefreshInProgress, ShopRefuses) as error:
            self.stderr.write(self.style.ERROR(f"{shop}: {error}"))
            return ExitCode.PARTLY, self._last_run(shop, resource, latest)
        except Exception as error:
            # keep the others waiting; it is logged whole and ends in exit code 1)
            logger.exception("sync crashed shop=%s", shop.pk)
            self.stderr.write(self.style.ERROR(f"{shop}: crashed: {error!r}"))
            return ExitCode.CRASHED, self._last_run(shop, resource, latest)
        progress.finish(run.read, run.expected, _counts(run))
        if run.state == SyncRun.State.INTERRUPTED:
            self.stderr.write(self.style.WARNING(f"{shop}: {run.first_error}"))
            return ExitCode.PARTLY, run
        return (ExitCode.PARTLY if run.failed else ExitCode.DONE), run

    def _summary(self, runs: list[SyncRun], options: dict[str, Any]) -> None:
        issues: QuerySet[SyncIssue] = SyncIssue.objects.filter(run__in=runs)
        if options["json"]:
            for run in runs:
                about = {"shop": run.shop_id, "resource": run.resource}
                self.stdout.write(json_line(type="shop", **about, **_all(run)))
            totals = {name: sum(_all(r)[name] for r in runs) for name in _NUMBERS}
            shops = len({run.shop_id for run in runs})
            self.stdout.write(json_line(type="summary", shops=shops, **totals))
            return
        rows = [
            (
                self._named(r.shop, Resource(r.resource)),
                r.read,
                r.new,
                r.updated,
                r.same,
                r.failed,
                f"{r.seconds:.1f} s",
            )
            for r in runs
        ]
        if len(runs) > 1:
            sums = [sum(row[i] for row in rows) for i in range(1, 6)]  # type: ignore[misc]
            took = sum(r.seconds for r in runs)
            rows.append(("Total", *sums, f"{took:.1f} s"))  # type: ignore[arg-type]
        self.stdout.write(table(HEADER, rows))
        if options["dry_run"]:
            ones = [each.label.lower().removesuffix("s") for each in self.resources]
            one = " or ".join(ones)
            self.stdout.write(f"Dry run: no {one} was written.")
        elif runs and all(_found_nothing(run) for run in runs):
            self.stdout.write("Nothing has changed.")
        for line in grouped([issue.message for issue in issues]):
            self.stderr.write(self.style.WARNING(line))

    @property
    def _is_of_several(self) -> bool:
        return len(self.resources) > 1

    def _named(self, shop: Shop, resource: Resource) -> str:
        return f"{shop}, {resource.label.lower()}" if self._is_of_several else str(shop)

    def _last_run(
        self, shop: Shop, resource: Resource, latest: list[SyncRun]
    ) -> SyncRun | None:
        runs = SyncRun.objects.filter(shop=shop, resource=resource)
        return latest[0] if latest else runs.first()


_NUMBERS = ("read", "new", "updated", "same", "failed")


def _found_nothing(run: SyncRun) -> bool:
    return run.state == SyncRun.State.DONE and not (run.new or run.updated)


def _all(run: SyncRun) -> dict[str, Any]:
    numbers = {name: getattr(run, name) for name in _NUMBERS}
    return {**numbers, "state": run.state, "error": run.first_error}


def _counts(run: SyncRun) -> dict[str, int]:
    return {"new": run.new, "updated": run.updated, "failed": run.failed}
