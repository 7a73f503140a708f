"""What the fulfilment APIs refuse, and why; one number each.

Source: Partner Center, the error tables of the Fulfillment and Logistics endpoints.
"""

from apps.simulator.tiktok.envelope import Json, Refusal

TEXTS = {
    10006402: "Permission denied.",
    10007014: "fulfillment not allow combine package",
    11005004: "warehouse not exist",
    11021009: "No available shipping services for this request.",
    11021014: "product oversize",
    11028006: "This tracking number cannot be matched to any carrier, please check the "
    "tracking number.",
    11034002: "This API is only applicable to TikTok Shipping orders.",
    21001001: "Invalid parameters.",
    21004008: "create label shipping service not found",
    21004010: "Your country does not support the use of this feature.",
    21004012: "Tracking number has special characters, verify failed",
    21008025: "Seller cannot operate orders which are fulfilled by platform.",
    21008043: "This package is fulfilled by TikTok.",
    21008106: "This interface cannot be used in this region.",
    21008109: "Unable to retrieve shipping information, please double check the order "
    "status.",
    21008111: "The order or package does not belong to the current seller.",
    21008116: "No Subscription without specified delivery option.",
    21008117: "The delivery of the specified delivery_option_id is fulfilled by "
    "TikTok.",
    21011003: "fulfill_unit action not allowed",
    21011004: "This API cannot be used to update package shipping information for "
    "packages that are split or combined.",
    21011005: "Invalid parameters.",
    21011006: "These orders are already shipped.",
    21011007: "Package item has after-sale request, please process the after-sale "
    "request first.",
    21011012: "not match trade rule",
    21011013: "not match logistics rule",
    21011022: "Invalid tracking number or provider ID.",
    21011025: "Duplicate tracking number.",
    21011027: "Package has already been delivered.",
    21011028: "The package does not belong to the current shop.",
    21011029: "order does not belong to fulfill unit",
    21011030: "Package has already been delivered.",
    21011031: "Order does not belong to pre_pkg.",
    21011035: "split order not allowed",
    21011037: "There are no available shipping services for this request.",
    21011040: "Package has already been shipped.",
    21011041: "Cannot complete the operation when order is cancelled.",
    21011042: "Cannot complete the operation when order is cancelled.",
    21011043: "The package has not been shipped yet.",
    21011046: "Order has combine, not allow split order.",
    21011048: "There are multiple packages that can be shipped, please specify the "
    "order line that needs to be shipped.",
    21011049: "Due to platform rule limitations, you are unable to update the tracking "
    "number.",
    21011050: "The tracking number can only be updated within a certain number of "
    "hours.",
    21011052: "The tracking number can only be updated a limited number of times.",
    21011053: "Fail to ship package because the shipment time is outside of the "
    "pick-up time slot.",
    21011054: "No available shipping services for this request due to missing pick-up "
    "time slot.",
    21023035: "Please arrange shipment before retrieving the shipping document.",
    21023059: "Package has already been cancelled.",
    21042057: "These orders are not in the Awaiting shipment status.",
    21042102: "Documents couldn't be printed after the package has been pickup.",
    25001010: "A return request has already been completed, or the order has already "
    "been cancelled.",
}


def refuse(code: int, detail: str = "") -> Refusal:
    return Refusal(code, f"{TEXTS[code]} {detail}".strip())


def error_row(refusal: Refusal, package_id: str) -> Json:
    """As one of `errors[]`, where the others went well."""
    row: Json = {"code": refusal.code, "message": refusal.message}
    return row | {"detail": {"package_id": package_id}}
