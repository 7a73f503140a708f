"""Where TikTok Shop lives, and how one address can stand in for all of it."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Hosts:
    """Base addresses without a closing slash; the defaults are the documented ones.

    `papers` are further hosts, or origins, from which labels may be fetched.
    There is no separate sandbox: development shops use the production hosts.
    Source: Partner Center, "Authorization overview" (202407).
    """

    api: str = "https://open-api.tiktokglobalshop.com"
    auth: str = "https://auth.tiktok-shops.com"
    consent: str = "https://services.tiktokshop.com"
    consent_us: str = "https://services.us.tiktokshop.com"
    consent_creator: str = "https://shop.tiktok.com"
    papers: tuple[str, ...] = ()

    @classmethod
    def all_at(cls, base_url: str) -> Self:
        """Everything under one address: a simulator."""
        base_url = base_url.rstrip("/")
        return cls(base_url, base_url, base_url, base_url, base_url)
