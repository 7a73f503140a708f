"""A stock file with all that was said of it, as it is kept until it is booked: in the
page that shows what it comes to, or in the storage."""

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from apps.inventory.models import Warehouse
from apps.inventory.services.stock_rows import Mode, Options
from apps.users.models import Client


@dataclass(frozen=True, slots=True)
class KeptFile:
    """`at` is the moment of counts that name none."""

    client: Client
    name: str
    data: bytes
    options: Options
    at: datetime


def packed(file: KeptFile) -> dict[str, Any]:
    """As plain JSON."""
    options = file.options
    return {
        "client": file.client.pk,
        "name": file.name[:255],
        "data": base64.b64encode(zlib.compress(file.data)).decode(),
        "at": file.at.isoformat(),
        "mode": options.mode.value,
        "warehouse": options.warehouse.pk if options.warehouse else None,
        "moment": options.moment.isoformat() if options.moment else "",
        "zone": str(options.zone),
        "reason": options.reason,
    }


def unpacked(client: Client, told: Mapping[str, Any]) -> KeptFile:
    """Raises Warehouse.DoesNotExist."""
    moment = datetime.fromisoformat(told["moment"]) if told["moment"] else None
    warehouse = None
    if told["warehouse"]:
        warehouse = Warehouse.objects.get(pk=told["warehouse"], client=client)
    return KeptFile(
        client,
        told["name"],
        zlib.decompress(base64.b64decode(told["data"])),
        Options(
            mode=Mode(told["mode"]),
            warehouse=warehouse,
            moment=moment,
            zone=ZoneInfo(told["zone"]),
            reason=told["reason"],
        ),
        datetime.fromisoformat(told["at"]),
    )
