"""What a category asks of a product, and the brands there are."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RemoteCategory:
    """A node of the shop's category tree; `permission` AVAILABLE if it may be used."""

    remote_id: str
    parent_id: str
    name: str
    is_leaf: bool
    permission: str = ""


@dataclass(frozen=True, slots=True)
class AttributeValue:
    remote_id: str
    name: str


@dataclass(frozen=True, slots=True)
class RemoteAttribute:
    """What a category asks of a product (`is_sales` False) or of its variants.

    `conditions` are (attribute id, value id): where one holds, it is required.
    """

    remote_id: str
    name: str
    is_sales: bool
    is_required: bool
    is_multiple: bool = False
    is_customizable: bool = False
    value_format: str = ""
    values: tuple[AttributeValue, ...] = ()
    conditions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RemoteCertification:
    remote_id: str
    name: str
    is_required: bool
    details: str = ""
    needs_expiry: bool = False
    conditions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CategoryRules:
    """What a category demands beside attributes."""

    certifications: tuple[RemoteCertification, ...] = ()
    size_chart_supported: bool = False
    size_chart_required: bool = False
    cod_supported: bool | None = None
    package_dimensions_required: bool = False
    epr_required: bool = False
    responsible_person_required: bool = False
    manufacturer_required: bool = False
    seller_sku_required: bool = False
    special_types: tuple[str, ...] = ()
    required_fees: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RemoteBrand:
    """`is_authorized` is None where the platform does not say."""

    remote_id: str
    name: str
    is_authorized: bool | None = None
    is_available: bool = True


@dataclass(frozen=True, slots=True)
class BrandPage:
    brands: tuple[RemoteBrand, ...]
    next_page_token: str = ""
    total_count: int | None = None
