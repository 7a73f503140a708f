"""Turn the settings of a single shop into the first account."""

import json
import os
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.core.management.reporting import ExitCode
from apps.orders.models import Order
from apps.platforms.errors import ConnectFailed
from apps.platforms.models import Shop
from apps.platforms.services.connecting.adopt import (
    OPTIONAL,
    REQUIRED,
    Adopted,
    ConsentEnded,
    adopt,
    read_settings,
)
from apps.users.models import Client

PREFIX = "TIKTOK_"


class Command(BaseCommand):
    help = (
        "Make an account of a single shop's settings: environment variables, or a JSON "
        "object in a file. Orders stored under its shop ID belong to it from then on. "
        "Again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = ", ".join((*REQUIRED, *(f"{name} (optional)" for name in OPTIONAL)))
        parser.add_argument(
            "--file",
            type=Path,
            help=f"JSON object with {names}; expiries are Unix seconds or ISO 8601. "
            f"Without it, variables: {PREFIX}APP_KEY and so on.",
        )
        parser.add_argument("--client", required=True, help="made if there is none")
        parser.add_argument(
            "--environment",
            choices=Shop.Environment.values,
            default=Shop.Environment.PRODUCTION.value,
        )
        parser.add_argument("--dry-run", action="store_true", help="write nothing")

    def handle(
        self,
        *,
        file: Path | None,
        client: str,
        environment: str,
        dry_run: bool,
        **options: Any,
    ) -> None:
        values = _from_file(file) if file else _from_environment()
        try:
            single = read_settings(values)
            with transaction.atomic():
                owner, _ = Client.objects.get_or_create(name=client)
                adopted = adopt(single, owner, environment)
                orders = Order.objects.filter(shop=adopted.shop).count()
                transaction.set_rollback(dry_run)
        except ConsentEnded as error:
            raise CommandError(str(error), returncode=ExitCode.NEEDS_PERSON) from None
        except ConnectFailed as error:
            raise CommandError(str(error), returncode=ExitCode.USAGE) from None
        self._report(adopted, orders, dry_run=dry_run)

    def _report(self, adopted: Adopted, orders: int, *, dry_run: bool) -> None:
        shop = adopted.shop
        if not adopted.is_new:
            self.stdout.write(f"{shop} is an account already. Nothing has changed.")
            return
        did = "would be" if dry_run else "is now"
        self.stdout.write(
            f"{shop} (shop ID {shop.remote_id}) {did} an account of {shop.client}, "
            f"with {orders:,} orders."
        )
        if dry_run:
            self.stdout.write("Dry run: nothing was written.")


def _from_environment() -> dict[str, str]:
    found = {
        name: os.environ.get(PREFIX + name.upper(), "") for name in REQUIRED + OPTIONAL
    }
    if not any(found.values()):
        raise CommandError(
            f"No settings: give --file, or set {PREFIX}APP_KEY, {PREFIX}SHOP_ID and "
            "the others (see --help).",
            returncode=ExitCode.USAGE,
        )
    return found


def _from_file(path: Path) -> Mapping[str, str]:
    try:
        content = json.loads(path.read_text())
    except OSError:
        raise CommandError(
            f"{path} cannot be read.", returncode=ExitCode.USAGE
        ) from None
    except ValueError:
        raise CommandError(f"{path} is no JSON.", returncode=ExitCode.USAGE) from None
    if not isinstance(content, dict):
        raise CommandError(
            f"{path} must hold a JSON object.", returncode=ExitCode.USAGE
        )
    known = {
        str(name).lower().removeprefix(PREFIX.lower()): v for name, v in content.items()
    }
    return {name: "" if v is None else str(v) for name, v in known.items()}
