"""What can go wrong with products and listings, in words fit for staff."""

from collections.abc import Iterable
from dataclasses import dataclass

from apps.core.errors import DomainError


@dataclass(frozen=True, slots=True)
class Fault:
    """A value that does not hold. `row` is its place among the variants given; None
    speaks of the product."""

    field: str
    message: str
    row: int | None = None


class CatalogueRefuses(DomainError):
    """A product, or what belongs to it, cannot be what was asked."""

    code = "catalogue_refuses"


class ProductRefused(CatalogueRefuses):
    """Some values of a product or of its variants do not hold."""

    code = "product_refused"

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = list(faults)
        super().__init__(" ".join(fault.message for fault in self.faults))


class InUse(CatalogueRefuses):
    """Something is not deleted, because other things hang on it."""

    code = "in_use"


class ChangedMeanwhile(CatalogueRefuses):
    """Somebody else changed the same product after it was read."""

    code = "changed_meanwhile"


class PictureRefused(CatalogueRefuses):
    """A file is no picture that the platform would take."""

    code = "picture_refused"


class MappingRefused(DomainError):
    """A listing SKU cannot be told what was asked."""

    code = "mapping_refused"


class FileUnusable(DomainError):
    """A file of ours cannot be read as what it is given for."""

    code = "file_unusable"


class CategoryUnknown(DomainError):
    """The platform has no such category, or it cannot hold products."""

    code = "category_unknown"


class DraftRefuses(DomainError):
    """A listing draft cannot be begun, changed or sent as asked."""

    code = "draft_refuses"


class DraftChanged(DraftRefuses):
    """Somebody else changed the draft meanwhile."""

    code = "draft_changed"


class RunRefuses(DomainError):
    """A publishing run cannot be started, stopped or repeated as asked."""

    code = "publish_run_refuses"
