"""Who has given an authorization: a seller or a creator."""

from apps.simulator.state import Simulator
from apps.simulator.world.affiliate.creators import Creator
from apps.simulator.world.rolls import digits
from apps.simulator.world.sellers import Seller


def owner_of(simulator: Simulator, id: str) -> Seller | Creator:
    """Of a code or a grant; both keep ids that there are."""
    owner = simulator.world.seller(id) or simulator.creators.by_id.get(id)
    assert owner is not None
    return owner


def zone_of(owner: Seller | Creator) -> str:
    """The prefix of codes and tokens."""
    region = owner.base_region if isinstance(owner, Seller) else owner.region
    return "TTP_" if region == "US" else "ROW_"


def open_id_of(app_key: str, owner: Seller | Creator) -> str:
    """What an app knows a person by; each app by another."""
    return digits("7010", 19, "open id", app_key, owner.id)
