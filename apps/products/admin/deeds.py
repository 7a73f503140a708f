"""What can be done to listings: on which ones, and what the platform makes of it."""

from dataclasses import dataclass

from apps.products.models import Listing, PublishRun

Status = Listing.Status
Kind = PublishRun.Kind
_ANY = frozenset(Status.values)


@dataclass(frozen=True, slots=True)
class Deed:
    """`states` are those in which the platform takes it, `otherwise` says what to do in
    the others; `effect` what the platform will do."""

    kind: PublishRun.Kind
    title: str
    effect: str
    states: frozenset[str]
    otherwise: str
    method: str
    path: str
    is_danger: bool = False

    @property
    def name(self) -> str:
        """In the address."""
        return self.kind.value

    def refusal(self, listing: Listing) -> str:
        """Why it cannot be done to this one now; empty if it can."""
        if not listing.status:
            return "Its state is not known yet. Pull it first."
        if listing.status in self.states:
            return ""
        return f"Its status is “{listing.get_status_display()}”. {self.otherwise}"


DEEDS: dict[str, Deed] = {
    deed.name: deed
    for deed in (
        Deed(
            Kind.ACTIVATE,
            "Activate",
            "TikTok reviews each listing and then puts it on sale.",
            frozenset({Status.SELLER_DEACTIVATED, Status.PLATFORM_DEACTIVATED}),
            "Only deactivated listings can be put on sale.",
            "POST",
            "/product/202309/products/activate",
        ),
        Deed(
            Kind.DEACTIVATE,
            "Deactivate",
            "TikTok takes the listings off sale at once. Buyers no longer find them; "
            "orders placed already stay.",
            frozenset({Status.LIVE}),
            "Only live listings can be taken off sale.",
            "POST",
            "/product/202309/products/deactivate",
        ),
        Deed(
            Kind.DELETE,
            "Delete",
            "TikTok takes the listings off sale and out of the shop. They can be "
            "recovered; after that they are off sale until they are activated.",
            _ANY - {Status.DELETED, Status.FROZEN},
            "It cannot be deleted.",
            "DELETE",
            "/product/202309/products",
            is_danger=True,
        ),
        Deed(
            Kind.RECOVER,
            "Recover",
            "TikTok brings the deleted listings back, off sale.",
            frozenset({Status.DELETED}),
            "Only deleted listings can be recovered.",
            "POST",
            "/product/202309/products/recover",
        ),
        Deed(
            Kind.PRICE,
            "Change prices",
            "TikTok shows buyers the new prices at once, without a review. It refuses "
            "prices of listings in a promotion.",
            frozenset({Status.LIVE}),
            "TikTok takes prices of live listings only. Activate it first.",
            "POST",
            "/product/202309/products/{product_id}/prices/update",
        ),
    )
}


def edit_refusal(listing: Listing) -> str:
    """Why it cannot be edited; empty if it can."""
    if listing.status in (Status.DELETED, Status.FROZEN):
        state = listing.get_status_display()
        return f"Its status is “{state}”; TikTok takes no changes."
    return ""
