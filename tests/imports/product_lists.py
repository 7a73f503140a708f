"""Small product lists to test with, as Seller Center's bulk edit template has them."""

import io
import zipfile
from pathlib import Path
from typing import Any

from tests.integrations.tiktok.exports.files import as_csv, as_xlsx

COLUMNS = (
    "product_id",
    "category",
    "product_name",
    "product_status",
    "sku_id",
    "variation_value",
    "product_description",
    "brand",
    "price",
    "quantity",
    "seller_sku",
    "parcel_weight",
    "parcel_length",
    "parcel_width",
    "parcel_height",
    "cod",
    "main_image",
    "image_2",
    "attributes",
)
HEAD = (
    ["V4", "All_Information", "metric"],
    ["Product ID", "Category", "Product name", "Status", "SKU ID", "Variation 1"],
    ["Mandatory", "Mandatory", "Mandatory", "Optional", "Mandatory", "Optional"],
    ["Not editable", "Editable", "Editable", "Not editable", "Not editable"],
)
LAMP, MUG = "1729000000000000111", "1729000000000000222"


def row(number: int = 1, product: str = LAMP, **changes: str) -> dict[str, str]:
    """A SKU's row; SKU IDs end in the number."""
    values = {
        "product_id": product,
        "category": "Table lamps (600001)",
        "product_name": "Rattan lamp, natural, 30 cm",
        "product_status": "Live(1)",
        "sku_id": f"17300000000000{number:05}",
        "variation_value": f"Size {number}",
        "product_description": "<p>Woven by hand,\nin Penang.</p>",
        "brand": "Rottan (7082427311584347905)",
        "price": "40.50",
        "quantity": "7",
        "seller_sku": f"LAMP-{number}",
        "parcel_weight": "1200",
        "main_image": "https://p16.example.com/a/lamp.jpeg?from=522366036",
        "image_2": "https://p16.example.com/a/lamp-2.jpeg",
    }
    return values | changes


def make_list(
    folder: Path,
    *rows: dict[str, str],
    columns: Any = COLUMNS,
    head: Any = HEAD,
    kind: str = "xlsx",
    **options: Any,
) -> Path:
    """`options` are those of as_xlsx and as_csv."""
    cells = [[*some] + [""] * (len(columns) - len(some)) for some in head]
    cells += [[each.get(column, "") for column in columns] for each in rows]
    name = "Tiktoksellercenter_batchedit_20261120_all_information_template"
    path = folder / f"{name}.{kind}"
    if kind == "csv":
        path.write_bytes(as_csv(cells, header=list(columns), **options))
    else:
        options = {"name": "Template"} | options
        content = as_xlsx(cells, header=list(columns), **options)
        path.write_bytes(_with_hidden_config(content))
    return path


def _with_hidden_config(content: bytes) -> bytes:
    """The template's second sheet comes first here, as a reader by place would take
    it."""
    config = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>product_id</t></is></c>'
        '<c r="B1" t="inlineStr"><is><t>sku_id</t></is></c>'
        '<c r="C1" t="inlineStr"><is><t>price</t></is></c></row>'
    )
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.namelist():
            text = old.read(member)
            if member == "xl/workbook.xml":
                text = text.replace(
                    b'name="First"', b'name="TemplateConfig" state="hidden"'
                )
            if member == "xl/worksheets/sheet1.xml":
                text = text.replace(b"<row/>", config.encode())
            new.writestr(member, text)
    return out.getvalue()
