"""Labels and other papers, from the addresses a shop is given for a day.

An address comes from an answer, so it is not trusted: see downloads. What it leads to
is looked at before it is taken for a paper, for it will be printed.
"""

from collections.abc import Collection
from typing import Unpack
from urllib.parse import urlsplit

from apps.integrations.errors import RequestRefused
from apps.integrations.tiktok.downloads import Options, download
from apps.integrations.tiktok.hosts import Hosts

# Where the platform keeps papers, by region; a leading dot stands for any subdomain.
PAPER_HOSTS = (
    ".tiktokshop.com",
    ".tiktokshops.us",
    ".tiktokglobalshop.com",
    ".tiktok.com",
)
LARGEST_DOCUMENT = 20 * 1024 * 1024
PDF, PNG, ZPL = "PDF", "PNG", "ZPL"

_LIMIT_SECONDS = 60.0
_STARTS = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    # A command of a label printer: a format, a prefix of it, a picture for it.
    (b"^XA", ZPL),
    (b"^FX", ZPL),
    (b"~", ZPL),
    (b"CT~~", ZPL),
    (b"\x10CT~~", ZPL),
)


def allowed_at(hosts: Hosts) -> tuple[str, ...]:
    """Where papers may be fetched: the platform's hosts; where one address stands in
    for the platform, that one as it is."""
    place = urlsplit(hosts.api)
    return (*PAPER_HOSTS, *hosts.papers, f"{place.scheme}://{place.netloc}".lower())


def fetch_document(
    url: str,
    *,
    allowed_hosts: Collection[str] = PAPER_HOSTS,
    **options: Unpack[Options],
) -> bytes:
    """The paper at `url`; 20 MB and a minute unless `options` say otherwise.

    Raises RequestRefused for what may not be asked or is no paper, PlatformUnavailable
    for what may work later.
    """
    bounds: Options = {
        "limit_bytes": LARGEST_DOCUMENT,
        "limit_seconds": _LIMIT_SECONDS,
        **options,
    }
    content = download(url, what="paper", allowed_hosts=allowed_hosts, **bounds)
    if not format_of(content):
        raise RequestRefused(
            "What TikTok Shop sent is neither a PDF, a PNG picture nor ZPL. Ask for "
            "the paper again."
        )
    return content


def format_of(content: bytes) -> str:
    """PDF, PNG or ZPL by its first bytes; empty for anything else."""
    start = content[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((name for mark, name in _STARTS if start.startswith(mark)), "")
