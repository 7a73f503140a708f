"""A request that has passed the gate."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.files.uploadedfile import UploadedFile

from apps.simulator.state import Simulator
from apps.simulator.tiktok.apps import App
from apps.simulator.tiktok.envelope import Json, Refusal
from apps.simulator.tiktok.grants import Grant
from apps.simulator.world.affiliate.creators import Creator
from apps.simulator.world.sellers import Seller, Shop

INVALID_PARAMETER = 36009004


def invalid(name: str, what: str) -> Refusal:
    """A value the endpoint's own page does not allow."""
    return Refusal(INVALID_PARAMETER, f"Invalid parameter. '{name}' {what}")


@dataclass(frozen=True, slots=True)
class Call:
    simulator: Simulator
    app: App
    grant: Grant
    owner: Seller | Creator  # of the token
    given_shop: Shop | None
    version: str
    ids: dict[str, str]  # from the path
    query: dict[str, str]
    body: Json
    files: Mapping[str, "UploadedFile[bytes]"] = field(default_factory=dict)

    @property
    def seller(self) -> Seller:
        """Only on endpoints for sellers, as most are."""
        assert isinstance(self.owner, Seller)
        return self.owner

    @property
    def creator(self) -> Creator:
        """Only on endpoints for creators."""
        assert isinstance(self.owner, Creator)
        return self.owner

    @property
    def place(self) -> str:
        """The id of what is asked about: the shop, else the token's owner."""
        return self.given_shop.id if self.given_shop else self.owner.id

    @property
    def shop(self) -> Shop:
        """Only on endpoints that take a cipher."""
        assert self.given_shop is not None
        return self.given_shop
