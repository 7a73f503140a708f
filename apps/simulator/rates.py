"""Exchange rates as the ECB and a second source publish them, for invented years.

Rates wander with the day alone, so every process and every restart tells the same. No
rates at weekends; the day's own come at 15:00 UTC. The ECB's list lacks VND.
"""

import io
import math
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from apps.simulator.server import current

# One euro on an ordinary day, and how many digits are published.
_ECB = {
    "USD": (1.16, 4),
    "JPY": (181.0, 2),
    "GBP": (0.874, 5),
    "CAD": (1.622, 4),
    "IDR": (19_350.0, 2),
    "MXN": (21.4, 4),
    "MYR": (4.83, 4),
    "PHP": (68.2, 3),
    "SGD": (1.507, 4),
    "THB": (37.6, 3),
    "BRL": (6.21, 4),
}
_OTHER = {"VND": (30_480.0, 8)}
_DAYS = {
    "eurofxref-daily.xml": 1,
    "eurofxref-hist-90d.xml": 90,
    "eurofxref-hist.zip": 800,
}
_PUBLISHED_AT_HOUR = 15


def ecb_file(request: HttpRequest, name: str) -> HttpResponse:
    """One of the ECB's files."""
    if name not in _DAYS:
        raise Http404
    days = list(_working_days(_now(), _DAYS[name]))
    if name.endswith(".zip"):
        return HttpResponse(_zip(days), content_type="application/zip")
    return HttpResponse(_xml(days), content_type="text/xml")


def other_day(request: HttpRequest, day: str) -> HttpResponse:
    """All currencies of a day that is over, by the second source."""
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise Http404 from None
    if on > _now().date():
        raise Http404
    both = _ECB | _OTHER
    rates = {name.lower(): float(_rate(name, on, *both[name])) for name in both}
    return JsonResponse({"date": day, "eur": {"eur": 1, **rates}})


def _now() -> datetime:
    return datetime.fromtimestamp(current().clock.now(), tz=UTC)


def _working_days(now: datetime, days: int) -> Iterator[date]:
    """Newest first; at least one."""
    is_early = now.hour < _PUBLISHED_AT_HOUR
    last = now.date() - timedelta(days=is_early)
    for back in range(max(days, 4)):
        on = last - timedelta(days=back)
        if on.weekday() < 5:
            yield on
            if days == 1:
                return


def _rate(name: str, on: date, ordinary: float, digits: int) -> str:
    day = on.toordinal()
    phase = sum(map(ord, name))
    slow = 0.02 * math.sin(day / 47 + phase)
    quick = 0.006 * math.sin(day * 1.7 + phase * 3)
    return f"{ordinary * (1 + slow + quick):.{digits}f}"


def _xml(days: list[date]) -> str:
    cubes = "".join(
        f'<Cube time="{on}">'
        + "".join(
            f'<Cube currency="{name}" rate="{_rate(name, on, *told)}"/>'
            for name, told in _ECB.items()
        )
        + "</Cube>"
        for on in days
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" '
        'xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">'
        f"<gesmes:subject>Reference rates</gesmes:subject><Cube>{cubes}</Cube>"
        "</gesmes:Envelope>"
    )


def _zip(days: list[date]) -> bytes:
    lines = ["Date," + ",".join(_ECB) + ",LTL,"]
    for on in days:
        rates = ",".join(_rate(name, on, *told) for name, told in _ECB.items())
        lines.append(f"{on},{rates},N/A,")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("eurofxref-hist.csv", "\n".join(lines) + "\n")
    return packed.getvalue()
