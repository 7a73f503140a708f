"""Pull listings by hand: the same function the schedule calls."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from apps.core.management.reporting import ExitCode, Progress
from apps.platforms.models import Shop
from apps.sync.management.pulling import PullCommand
from apps.sync.models import Resource, SyncRun
from apps.sync.services.products import pull_products


class Command(PullCommand):
    help = (
        "Pull listings changed on TikTok Shop. Without a period: all news since the "
        "last pull; at first, and once a week, everything is compared. Details are "
        "asked for of what changed only; an interrupted pull is continued by the next. "
        "A dry run compares what the search shows, without details. Repeating it "
        "changes nothing."
    )
    resources = (Resource.PRODUCTS,)

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--full",
            action="store_true",
            help="compare all listings now, and ask for those that do not show up",
        )

    def handle(self, **options: Any) -> None:
        if options["full"] and (options["since"] or options["days"] is not None):
            raise CommandError(
                "--full is about all listings: give no period with it.",
                returncode=ExitCode.USAGE,
            )
        super().handle(**options)

    def pull(self, shop: Shop, resource: Resource, **options: Any) -> SyncRun:
        return pull_products(shop, **options)

    def more_options(self, shop: Shop, options: dict[str, Any]) -> dict[str, Any]:
        progress = Progress(
            f"{self.name} details",
            f"shop={shop.pk}",
            self.stderr,
            quiet=self.is_quiet(options),
        )
        if progress.is_terminal:
            progress.subject = f"{shop}, details"

        def on_detail(done: int, total: int) -> None:
            progress.show(done, total, {})
            if done >= total:
                progress.finish(done, total, {})

        return {"is_full": options["full"], "on_detail": on_detail}
