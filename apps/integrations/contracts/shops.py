"""Shops, their warehouses, and the tokens that open them."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RemoteShop:
    """A shop a seller let us work for; `cipher` names it in each call."""

    remote_id: str
    name: str
    region: str
    cipher: str
    code: str = ""
    seller_type: str = ""


@dataclass(frozen=True, slots=True)
class TokenPair:
    """Tokens of one authorization; both expiries are instants, not durations."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    access_expires_at: datetime
    refresh_expires_at: datetime
    open_id: str
    seller_name: str = ""
    seller_region: str = ""
    user_type: int = 0
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RemoteWarehouse:
    """A warehouse of the shop; `kind` is SALES_WAREHOUSE or RETURN_WAREHOUSE."""

    remote_id: str
    name: str
    kind: str = ""
    is_active: bool = True
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where the shop's events of one type (ORDER_STATUS_CHANGE …) are posted to."""

    event_type: str
    address: str
