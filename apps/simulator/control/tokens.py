"""Control: what may happen to an authorization."""

from dataclasses import asdict

from apps.simulator.control.fields import ControlError, Fields, Json
from apps.simulator.courier import announce_deauthorisation
from apps.simulator.state import Simulator
from apps.simulator.tiktok.grants import Grant


def list_tokens(simulator: Simulator, fields: Fields) -> list[Json]:
    """The authorizations with their present tokens."""
    fields.done()
    return [asdict(grant) for grant in simulator.grants.by_pair.values()]


def expire(simulator: Simulator, fields: Fields) -> Json:
    """Let an access token expire now (105002): app_key, seller_id, both optional."""
    return _each(simulator, fields, "access_expired")


def revoke(simulator: Simulator, fields: Fields) -> Json:
    """Let a refresh token die now (36004001): app_key, seller_id, both optional."""
    return _each(simulator, fields, "refresh_revoked")


def set_end(simulator: Simulator, fields: Fields) -> Json:
    """Move the end of an authorization to in_seconds from now: app_key, seller_id."""
    seconds = fields.need("in_seconds", int)
    return _each(simulator, fields, "authorization_ends", seconds)


def deauthorise(simulator: Simulator, fields: Fields) -> Json:
    """The seller removes the app (105001, webhook 6): app_key, seller_id, optional."""
    chosen = _chosen(simulator, fields)
    for grant in chosen:
        _record(simulator, grant, "deauthorised", 0)
        seller = simulator.world.seller(grant.seller_id)
        for shop in seller.shops if seller else ():
            announce_deauthorisation(simulator, grant.app_key, shop.id)
    return {"authorizations": [asdict(grant) for grant in chosen]}


def _each(simulator: Simulator, fields: Fields, event: str, seconds: int = 0) -> Json:
    chosen = _chosen(simulator, fields)
    for grant in chosen:
        _record(simulator, grant, event, seconds)
    return {"authorizations": [asdict(grant) for grant in chosen]}


def _record(simulator: Simulator, grant: Grant, event: str, seconds: int) -> None:
    simulator.record(
        {
            "event": event,
            "app_key": grant.app_key,
            "seller_id": grant.seller_id,
            "at": simulator.clock.seconds() + seconds,
        }
    )


def _chosen(simulator: Simulator, fields: Fields) -> list[Grant]:
    app_key = fields.take("app_key", str, "")
    seller_id = fields.take("seller_id", str, "")
    fields.done()
    chosen = [
        grant
        for grant in simulator.grants.by_pair.values()
        if app_key in ("", grant.app_key) and seller_id in ("", grant.seller_id)
    ]
    if not chosen:
        raise ControlError("No such authorization.", http=404)
    return chosen
