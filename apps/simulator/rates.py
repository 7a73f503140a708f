"""Exchange rates as the ECB and a second source publish them, for invented years.

Rates wander with the day alone, so every process and every restart tells the same. No
rates at weekends; the day's own come at 15:00 UTC. The ECB's list lacks VND.
"""

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from apps.simulator.server import current
from apps.simulator.world.currencies import ECB, OTHER, rate_text

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
    rates = {name.lower(): float(rate_text(name, on)) for name in (*ECB, *OTHER)}
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


def _xml(days: list[date]) -> str:
    cubes = "".join(
        f'<Cube time="{on}">'
        + "".join(
            f'<Cube currency="{name}" rate="{rate_text(name, on)}"/>' for name in ECB
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
    lines = ["Date," + ",".join(ECB) + ",LTL,"]
    for on in days:
        rates = ",".join(rate_text(name, on) for name in ECB)
        lines.append(f"{on},{rates},N/A,")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("eurofxref-hist.csv", "\n".join(lines) + "\n")
    return packed.getvalue()
