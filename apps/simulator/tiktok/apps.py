"""The API apps registered with the platform, as Partner Center shows them."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from apps.simulator.world.rolls import roll

WANTED_SCOPES = (
    "seller.authorization.info", "seller.shop.info", "seller.order.info",
    "seller.fulfillment.basic", "seller.fulfillment.package.write",
    "seller.delivery.status.write", "seller.logistics", "seller.return_refund.basic",
    "seller.product.basic", "seller.product.write", "seller.product.delete",
    "seller.finance.info", "seller.promotion.info", "seller.creator_marketplace.read",
    "seller.affiliate_collaboration.read", "data.shop_analytics.public.read",
)  # fmt: skip
CREATOR_SCOPES = (
    "creator.affiliate_collaboration.read", "creator.affiliate.info",
)  # fmt: skip
FEW_SCOPES = ("seller.authorization.info", "seller.shop.info", "seller.product.basic")


@dataclass(frozen=True, slots=True)
class App:
    app_key: str
    app_secret: str
    service_id: str
    name: str
    scopes: tuple[str, ...]
    redirect_url: str
    webhook_url: str = ""  # app-wide, for every topic; empty for none
    creator_scopes: tuple[str, ...] = ()  # none: creators cannot be asked


def seeded_apps(seed: int, redirect_url: str) -> dict[str, App]:
    """By app key; the same keys and secrets whenever the seed is the same."""
    named = (
        ("Shopdesk development", WANTED_SCOPES, CREATOR_SCOPES),
        ("Catalogue reader", FEW_SCOPES, ()),
    )
    apps = [
        App(
            app_key=f"6{roll(seed, 'app key', name):016x}"[:13],
            app_secret=f"{roll(seed, name, 1):016x}{roll(seed, name, 2):016x}"
            f"{roll(seed, name, 3):016x}"[:40],
            service_id=f"73{roll(seed, 'service', name) % 10**17:017d}",
            name=name,
            scopes=scopes,
            redirect_url=redirect_url,
            creator_scopes=creator_scopes,
        )
        for name, scopes, creator_scopes in named
    ]
    return {app.app_key: app for app in apps}


class Apps:
    def __init__(self, apps: dict[str, App]) -> None:
        self.by_key = apps

    def apply(self, event: dict[str, Any]) -> None:
        """`app_changed`: app_key and the changed fields."""
        changes = dict(event["changes"])
        for name in ("scopes", "creator_scopes"):
            if name in changes:
                changes[name] = tuple(changes[name])
        app = self.by_key[event["app_key"]]
        self.by_key[app.app_key] = replace(app, **changes)

    def by_service(self, service_id: str) -> App | None:
        return next(
            (app for app in self.by_key.values() if app.service_id == service_id), None
        )

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(app) for app in self.by_key.values()]
