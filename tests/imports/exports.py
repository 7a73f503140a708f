"""Order exports of a shop in Malaysia and one in the United States, invented."""

import csv
from pathlib import Path

_MY = {
    "Order Status": "Completed",
    "Order Substatus": "Completed",
    "Cancelation/Return Type": "",
    "Normal or Pre-order": "Normal",
    "SKU ID": "1731000000000000011",
    "Seller SKU": "CUP-RED",
    "Product Name": 'Cup "Pagi", 350 ml',
    "Variation": "Red",
    "Quantity": "2",
    "Sku Quantity of return": "0",
    "SKU Unit Original Price": "10",
    "SKU Subtotal Before Discount": "20",
    "SKU Platform Discount": "0",
    "SKU Seller Discount": "1",
    "SKU Subtotal After Discount": "19",
    "Shipping Fee After Discount": "4",
    "Original Shipping Fee": "4",
    "Shipping Fee Seller Discount": "0",
    "Shipping Fee Platform Discount": "0",
    "Payment platform discount": "",
    "Taxes": "0",
    "Order Amount": "23",
    "Order Refund Amount": "0",
    "Created Time": "16/11/2026 23:59:58",
    "Paid Time": "17/11/2026 00:00:07",
    "Shipped Time": "",
    "Cancelled Time": "",
    "Cancel By": "",
    "Cancel Reason": "",
    "Fulfillment Type": "Fulfillment by seller",
    "Tracking ID": "",
    "Shipping Provider Name": "",
    "Buyer Message": "Terima kasih 🙏",
    "Buyer Username": "pembeli_1",
    "Recipient": "S****",
    "Phone #": "(+60)1*****11",
    "Zipcode": "50000",
    "Country": "Malaysia",
    "State": "Selangor",
    "Post Town": "Klang",
    "Detail Address": "No. **, Jalan ****",
    "Payment Method": "Online banking",
    "Package ID": "",
    "Seller Note": "",
}
_US = {
    "Order Status": "Shipped",
    "Order Substatus": "In transit",
    "Cancelation/Return Type": "",
    "Normal or Pre-order": "Normal",
    "SKU ID": "1729000000000000011",
    "Seller SKU": "MUG",
    "Product ID": "1729000000000000001",
    "Product Name": "Mug",
    "Variation": "Blue",
    " Virtual Bundle Seller SKU": "",
    "Quantity": "1",
    "Sku Quantity of return": "",
    "SKU Unit Original Price": "1,025.00",
    "SKU Subtotal Before Discount": "1,025.00",
    "SKU Platform Discount": "",
    "SKU Seller Discount": "25",
    "SKU Subtotal After Discount": "1,000.00",
    "Shipping Fee After Discount": "",
    "Original Shipping Fee": "",
    "Shipping Fee Seller Discount": "",
    "Co-Funded Shipping Fee Discount": "",
    "Shipping Fee Platform Discount": "",
    "Payment platform discount": "",
    "Retail Delivery Fee": "",
    "Taxes": "60",
    "Order Amount": "1,060.00",
    "Order Refund Amount": "",
    "Created Time": "11/18/2026 11:45:00 PM",
    "Paid Time": "11/18/2026 11:46:00 PM",
    "Shipped Time": "11/19/2026 9:05:00 AM",
    "Cancelled Time": "",
    "Cancel By": "",
    "Cancel Reason": "",
    "Fulfillment Type": "Fulfillment by seller",
    "Tracking ID": "9400111",
    "Shipping Provider Name": "USPS",
    "Buyer Message": "Leave it\nat the door",
    "Buyer Username": "buyer_us",
    "Recipient": "Jo***",
    "Phone #": "(+1)415***22",
    "Country": "United States",
    "State": "CA",
    "City": "Fresno",
    "Zipcode": "93650",
    "Address Line 1": "1* M*** St",
    "Payment Method": "Credit/Debit card",
    "Package ID": "1158000000000000001",
    "Order Channel": "LIVE",
    "Creator Handle": "mug_fan",
}

Row = dict[str, str]


def my_row(number: int, **changes: str) -> Row:
    """A row of order 579…`number`; names are headers with _ for blanks."""
    return _row(_MY, f"5791000000000{number:05}", changes)


def us_row(number: int, **changes: str) -> Row:
    return _row(_US, f"5762000000000{number:05}", changes)


def _row(plain: Row, order_id: str, changes: Row) -> Row:
    names = {_key(header): header for header in plain}
    changed = {names[_key(name)]: value for name, value in changes.items()}
    # The tab at the end is what protects ids from spreadsheets.
    return {"Order ID": f"{order_id}\t"} | plain | changed


def _key(header: str) -> str:
    return "".join(letter for letter in header.casefold() if letter.isalnum())


GIFT = {
    "quantity": "1",
    "sku_subtotal_before_discount": "10",
    "sku_seller_discount": "10",
    "sku_subtotal_after_discount": "0",
}
# What an import of these rows must print.
MY_FILE = [
    my_row(111, sku_quantity_of_return="1"),
    my_row(111, **GIFT),
    my_row(222, order_status="To ship", order_substatus="Awaiting shipment"),
    my_row(
        333,
        order_status="Cancelled",
        order_substatus="Cancelled",
        paid_time="",
        cancelled_time="18/11/2026 10:00:00",
        cancel_by="System",
        cancel_reason="Customer overdue to pay",
        order_refund_amount="23",
    ),
    my_row(444, seller_sku="", quantity="1", sku_subtotal_before_discount="10")
    | {"SKU Subtotal After Discount": "9", "Order Amount": "13"},
]
US_FILE = [us_row(111), us_row(222, order_status="To ship", order_substatus="")]


def write_csv(path: Path, rows: list[Row], *, end: str = "\r\n") -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator=end)
        writer.writeheader()
        writer.writerows(rows)
    return path


def read_csv(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))
