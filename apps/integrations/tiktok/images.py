"""Pictures from the addresses at which a shop shows them, to list them elsewhere."""

from collections.abc import Collection
from typing import Unpack

from apps.integrations.tiktok.downloads import Options, download

# Where TikTok Shop serves pictures from; a leading dot stands for any subdomain.
PICTURE_HOSTS = (".ibyteimg.com", ".tiktokcdn.com", ".tiktokcdn-us.com")
LARGEST_IMAGE = 10 * 1024 * 1024


def fetch_image(
    url: str,
    *,
    allowed_hosts: Collection[str] = PICTURE_HOSTS,
    **options: Unpack[Options],
) -> bytes:
    """The picture at `url`, which is not trusted; 10 MB and 30 s unless `options` say
    otherwise.

    Raises RequestRefused for what may not be asked or is no use, PlatformUnavailable
    for what may work later.
    """
    bounds: Options = {"limit_bytes": LARGEST_IMAGE, "limit_seconds": 30.0, **options}
    return download(
        url, what="picture", accept="image/*", allowed_hosts=allowed_hosts, **bounds
    )
