"""An orders file as Seller Center makes them: what benchmarks of files read."""

import csv
import random
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.order_ingest import FIRST_SKU, SKUS

HEADER = [
    "Order ID", "Order Status", "Order Substatus", "Cancelation/Return Type",
    "Normal or Pre-order", "SKU ID", "Seller SKU", "Product Name", "Variation",
    "Quantity", "Sku Quantity of return", "SKU Unit Original Price",
    "SKU Subtotal Before Discount", "SKU Platform Discount", "SKU Seller Discount",
    "SKU Subtotal After Discount", "Shipping Fee After Discount",
    "Original Shipping Fee", "Shipping Fee Seller Discount",
    "Shipping Fee Platform Discount", "Payment platform discount", "Taxes",
    "Order Amount", "Order Refund Amount", "Created Time", "Paid Time", "RTS Time",
    "Shipped Time", "Delivered Time", "Cancelled Time", "Cancel By", "Cancel Reason",
    "Fulfillment Type", "Warehouse Name", "Tracking ID", "Delivery Option",
    "Shipping Provider Name", "Buyer Message", "Buyer Username", "Recipient", "Phone #",
    "Zipcode", "Country", "State", "Post Town", "Detail Address",
    "Additional address information", "Payment Method", "Weight(kg)",
    "Product Category", "Package ID", "Seller Note", "Checked Status",
    "Checked Marked by",
]  # fmt: skip
_FIRST_ORDER = 576_000_000_000_000_000
_BEGIN = datetime(2026, 10, 14)  # noqa: DTZ001 (the shop's clock, as files have it)


def write_file(path: Path, rows: int) -> int:
    """Four rows of three orders; its size in bytes."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(HEADER)
        for number in range(rows):
            writer.writerow(_make_row(number))
    return path.stat().st_size


def _make_row(number: int) -> list[str]:
    four, place = divmod(number, 4)
    order = four * 3 + min(place, 2)
    dice = random.Random(number)  # noqa: S311 (the same rows each time)
    placed = _BEGIN + timedelta(minutes=order % 40_000)
    sku = dice.randrange(SKUS // 2) * 2 + (place == 3)
    total = "41.60" if place >= 2 else "22.80"
    cells = {
        "Order ID": f"{_FIRST_ORDER + order}\t",
        "Order Status": "To ship",
        "Order Substatus": "Awaiting shipment",
        "Normal or Pre-order": "Normal",
        "SKU ID": f"{FIRST_SKU + sku}\t",
        "Seller SKU": f"SKU-{sku}",
        "Product Name": "A product with a name of usual length, and a comma",
        "Variation": "Natural, 30 cm",
        "Quantity": "2",
        "Sku Quantity of return": "0",
        "SKU Unit Original Price": "9.90",
        "SKU Subtotal Before Discount": "19.80",
        "SKU Platform Discount": "0",
        "SKU Seller Discount": "1",
        "SKU Subtotal After Discount": "18.80",
        "Shipping Fee After Discount": "4",
        "Original Shipping Fee": "5",
        "Shipping Fee Seller Discount": "0",
        "Shipping Fee Platform Discount": "1",
        "Payment platform discount": "0",
        "Taxes": "0",
        "Order Amount": total,
        "Order Refund Amount": "0",
        "Created Time": f"{placed:%d/%m/%Y %H:%M:%S}\t",
        "Paid Time": f"{placed + timedelta(seconds=9):%d/%m/%Y %H:%M:%S}\t",
        "Fulfillment Type": "Fulfillment by seller",
        "Warehouse Name": "Main",
        "Delivery Option": "Standard shipping",
        "Shipping Provider Name": "J&T Express",
        "Buyer Message": "Leave it\nat the door" if order % 50 == 0 else "",
        "Buyer Username": f"buyer_{order % 20_000}",
        "Recipient": "S**** B****",
        "Phone #": "(+60)1*****11",
        "Zipcode": "50000\t",
        "Country": "Malaysia",
        "State": "Selangor",
        "Post Town": "Klang",
        "Detail Address": "No. **, Jalan ****, Taman ****, and so on as addresses go",
        "Payment Method": "Online banking",
        "Weight(kg)": "0.35",
        "Product Category": "Home Supplies",
        "Package ID": f"{1_157_000_000_000_000_000 + order}\t",
        "Checked Status": "Unchecked",
    }
    return [cells.get(name, "") for name in HEADER]
