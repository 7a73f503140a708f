"""What a listing refers to beside its category: who answers, size charts, documents."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PartyProfile:
    """How a party is named in one language; `locale` as the platform has it ("de")."""

    name: str
    locale: str = ""
    trade_name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class RemoteParty:
    """A manufacturer or a responsible person the seller has registered."""

    remote_id: str
    profiles: tuple[PartyProfile, ...] = ()


@dataclass(frozen=True, slots=True)
class PartyPage:
    parties: tuple[RemoteParty, ...]
    next_page_token: str = ""
    total_count: int | None = None


@dataclass(frozen=True, slots=True)
class RemoteSizeChart:
    """A chart the seller keeps as a template.

    `is_reusable` is False where it was made for one product alone.
    """

    remote_id: str
    name: str
    image_urls: tuple[str, ...] = ()
    is_reusable: bool = True


@dataclass(frozen=True, slots=True)
class SizeChartPage:
    charts: tuple[RemoteSizeChart, ...]
    next_page_token: str = ""
    total_count: int | None = None


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A document the platform keeps: a listing names it by all but its address."""

    remote_id: str
    name: str
    format: str
    url: str = ""
