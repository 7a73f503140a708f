"""Which column is which in a product list (Seller Center's bulk edit template).

Its first row has machine names, the same in every language; four rows for people
follow: version and units, labels, what is mandatory, what can be edited. A column may
be missing, because the kinds of template and the dialog that makes them leave some out.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from apps.integrations.tiktok.exports.headers import MOST_COLUMNS, normalise
from apps.integrations.tiktok.exports.kinds import FileKind
from apps.integrations.tiktok.exports.layout import Wanted, other_kind
from apps.integrations.tiktok.exports.problems import FileRefused

ENOUGH_NAMES = 3


class Column(StrEnum):
    """The columns we read, by their machine names."""

    PRODUCT_ID = "product_id"
    SKU_ID = "sku_id"
    CATEGORY = "category"
    NAME = "product_name"
    STATUS = "product_status"
    DESCRIPTION = "product_description"
    BRAND = "brand"
    VARIATION = "variation_value"
    SELLER_SKU = "seller_sku"
    PRICE = "price"
    QUANTITY = "quantity"
    COD = "cod"
    MAIN_IMAGE = "main_image"
    IMAGE_2 = "image_2"
    IMAGE_3 = "image_3"
    IMAGE_4 = "image_4"
    IMAGE_5 = "image_5"
    IMAGE_6 = "image_6"
    IMAGE_7 = "image_7"
    IMAGE_8 = "image_8"
    IMAGE_9 = "image_9"
    ERROR = "error"  # of a file of refused rows, uploaded again


# Known, and nothing of ours: a blank one is unknown, not zero.
SIZES = ("parcel_weight", "parcel_length", "parcel_width", "parcel_height")
NOT_READ = frozenset({*SIZES, "attributes"})
MANDATORY = (Column.PRODUCT_ID, Column.SKU_ID)
IMAGES = tuple(c for c in Column if c == Column.MAIN_IMAGE or c.startswith("image_"))
# Told once a product and repeated on each of its rows.
REPEATED = (
    Column.CATEGORY,
    Column.NAME,
    Column.STATUS,
    Column.DESCRIPTION,
    Column.BRAND,
    Column.COD,
    *IMAGES,
)


def _names(cells: Sequence[str]) -> int:
    return sum(normalise(cell) in set(Column) for cell in cells)


PRODUCTS = Wanted("template", _names)


@dataclass(frozen=True, slots=True)
class Layout:
    """`names` are the headers as written; `at` is {column: index}, `sizes` that of the
    columns in which only numbers stand, {name: index}."""

    line: int
    names: tuple[str, ...]
    at: Mapping[Column, int]
    unknown: tuple[str, ...]
    sizes: Mapping[str, int]

    def cell(self, cells: Sequence[str], column: Column) -> str:
        """As written; columns the file lacks, and rows that end early, are blank."""
        at = self.at.get(column, len(cells))
        return cells[at] if at < len(cells) else ""


def read_header(line: int, cells: Sequence[str]) -> Layout:
    """Find our columns in the row of machine names.

    Raises FileRefused when the file is of another kind, when mandatory columns are
    missing, when a column we read stands there twice, or at over 2,000 columns.
    """
    if len(cells) > MOST_COLUMNS:
        raise FileRefused(
            f"The file has {len(cells)} columns; a product list has about 40. "
            "Upload the original download.",
            line=line,
        )
    names = tuple(cell.replace("\ufeff", "").strip() for cell in cells)
    while names and not names[-1]:
        names = names[:-1]
    normal = [normalise(name) for name in names]
    missing = [column.value for column in MANDATORY if column not in normal]
    if missing:
        _refuse(line, cells, missing)
    counts = Counter(normal)
    for column in Column:
        if counts[column] > 1:
            raise FileRefused(
                f"The column “{column}” occurs twice. Which one counts cannot be told: "
                "upload the original download.",
                line=line,
                column=column.value,
            )
    known = {*Column, *NOT_READ}
    return Layout(
        line=line,
        names=names,
        at={column: normal.index(column) for column in Column if column in normal},
        unknown=tuple(
            name
            for name, key in zip(names, normal, strict=True)
            if key and key not in known
        ),
        sizes={name: normal.index(name) for name in SIZES if name in normal},
    )


def _refuse(line: int, cells: Sequence[str], missing: Sequence[str]) -> None:
    if _names(cells) >= ENOUGH_NAMES or len(missing) < len(MANDATORY):
        raise FileRefused(
            f"Columns are missing: {', '.join(missing)}. In Seller Center choose "
            "Manage products, Bulk edit, All information or Sales information, and "
            "upload the template as it was downloaded.",
            line=line,
        )
    where = other_kind(cells, FileKind.PRODUCTS)
    raise FileRefused(
        (f"{where} " if where else "")
        + "No product columns were found. In Seller Center choose Manage products, "
        "Bulk edit, and upload the template as it was downloaded.",
        line=line,
    )
