"""What the product APIs refuse, and why; one number each.

Source: Partner Center, the error tables of the Products endpoints.
"""

from dataclasses import dataclass

from apps.simulator.tiktok.envelope import Json, Refusal

TEXTS = {
    12019008: "The product ID is invalid.",
    12019011: "The package weight is invalid.",
    12019012: "The package dimensions are invalid.",
    12019015: "The number of SKUs exceeds the limit.",
    12019027: "At most 10 'seller_skus' are allowed in the search filter.",
    12019028: "Multiple warehouses detected. Include all warehouse IDs of the SKU.",
    12019061: "Imperial units are supported for local products of the US only.",
    12019087: "At most 10 SKU IDs are allowed in the search filter.",
    12019095: "'pre_sale.fulfillment_type' is missing or empty.",
    12019096: "'pre_sale.type' is missing.",
    12019097: "'pre_sale.fulfillment_type.release_date' must not be zero.",
    12019098: "'pre_sale.fulfillment_type.handling_duration_days' must not be zero.",
    12019099: "This 'pre_sale.type' is not supported in your region.",
    12019100: "All SKUs of a product must have the same 'pre_sale.type'.",
    12019108: "The page token is invalid.",
    12019109: "The page size is invalid.",
    12019118: "The creation time of the search is invalid.",
    12019119: "The update time of the search is invalid.",
    12019120: "The number of product IDs exceeds the limit.",
    12052002: "The category has an incorrect format.",
    12052003: "The parcel height has an incorrect format.",
    12052004: "The parcel width has an incorrect format.",
    12052005: "The parcel length has an incorrect format.",
    12052006: "The parcel weight has an incorrect format.",
    12052012: "The price has an incorrect format.",
    12052013: "The description exceeds 10,000 characters.",
    12052015: "The description is required.",
    12052023: "The category does not exist.",
    12052024: "The category is not a final category.",
    12052028: "A main image is required.",
    12052032: "The product does not exist.",
    12052036: "The SKU ID is necessary.",
    12052038: "The product price is locked by an ongoing promotion.",
    12052048: "The product is not listed in your account or shop.",
    12052050: "The product has more SKUs than the region allows.",
    12052051: "The title exceeds the maximum number of characters.",
    12052054: "The seller SKU exceeds 50 characters.",
    12052055: "The inventory quantity must be within the allowed limits.",
    12052056: "The description has more than 30 images.",
    12052073: "The product price is invalid.",
    12052084: "The currency is not available for this shop.",
    12052092: "The sale price is invalid.",
    12052093: "Exceeded the listing limit of the seller.",
    12052096: "A SKU has no warehouse. Assign a warehouse and try again.",
    12052097: "The warehouse does not exist.",
    12052104: "A required property is missing.",
    12052105: "A required qualification is missing.",
    12052115: "The seller has no warehouse.",
    12052128: "The size chart was not found.",
    12052180: "The total number of search results can not exceed 10000.",
    12052181: "The package weight can not be zero.",
    12052217: "The category version is incorrect.",
    12052220: "The category is prohibited or unsupported.",
    12052222: "The category does not support cash on delivery.",
    12052223: "The category is restricted.",
    12052225: "The category does not fall under your main category.",
    12052238: "A URL is longer than allowed.",
    12052241: "A sales attribute has neither name nor ID.",
    12052242: "An attribute name exceeds 20 characters.",
    12052246: "The attribute does not support several values.",
    12052247: "The attribute does not support custom values.",
    12052248: "An attribute value has neither name nor ID.",
    12052249: "An attribute value has too many characters.",
    12052251: "An attribute has the same value twice.",
    12052254: "The same attribute ID is given twice.",
    12052256: "The attribute value must be a positive number.",
    12052261: "The title is empty.",
    12052262: "The title contains Chinese characters.",
    12052282: "A manufacturer is required.",
    12052284: "The manufacturer was not found.",
    12052287: "A responsible person is required.",
    12052289: "The responsible person was not found.",
    12052295: "The same manufacturer is given twice.",
    12052296: "The same responsible person is given twice.",
    12052300: "The URI of a main image is illegal.",
    12052306: "The product has more than 9 main images.",
    12052340: "The URL of an image in the description is illegal.",
    12052348: "An image in the description lacks src, width or height.",
    12052356: "A value has more than 8 supplementary images.",
    12052357: "'supplementary_sku_images' need an image in 'sku_img'.",
    12052360: "The video does not exist.",
    12052375: "The list price is invalid.",
    12052376: "List prices are not supported in this region.",
    12052383: "The list price exceeds the limit.",
    12052385: "The certificate needs a valid expiration date.",
    12052393: "Locked for a promotion: stock can not go below the current stock.",
    12052402: "The seller has no shipping template.",
    12052420: "The warehouse has no logistics service.",
    12052516: "The inventory details are missing.",
    12052520: "The URI of a sales attribute's image is illegal.",
    12052522: "Every value of the primary sales attribute needs an image.",
    12052525: "A product has at most 3 sales attributes.",
    12052527: "The attribute ID does not exist.",
    12052528: "Only one sales attribute can have images.",
    12052529: "The attribute value ID does not exist.",
    12052530: "The warehouse does not belong to this shop.",
    12052532: "The warehouse is not a delivery warehouse.",
    12052533: "The warehouses of a SKU can not be changed here.",
    12052535: "The shop has no return warehouse.",
    12052547: "There is no version of this product that is under review.",
    12052550: "Every SKU must have the same sales attributes.",
    12052553: "A SKU ID is given twice.",
    12052556: "The SKU ID does not exist.",
    12052557: "The SKU ID does not belong to the product.",
    12052560: "Two SKUs have the same sales attributes.",
    12052570: "The product price exceeds the limit.",
    12052571: "A SKU has no price.",
    12052591: "The identifier code has the wrong number of digits.",
    12052592: "The same identifier code is given twice.",
    12052593: "An identifier code can not be changed once submitted.",
    12052600: "The type of the identifier code must be selected.",
    12052650: "The URI of a qualification image is illegal.",
    12052655: "The qualification ID does not exist.",
    12052656: "The same qualification ID is given twice.",
    12052657: "A qualification needs images or files.",
    12052658: "A qualification file is illegal.",
    12052670: "The URI of the size chart image is invalid.",
    12052673: "A size chart is required.",
    12052700: "The seller is inactive.",
    12052702: "The seller does not support pre-order here.",
    12052703: "The seller's tax number is invalid.",
    12052706: "The minimum order quantity is out of range.",
    12052707: "A minimum order quantity is not supported here.",
    12052832: "The number of pieces in a bundle is out of range.",
    12052835: "The product in the bundle does not exist.",
    12052840: "The same SKU is in the bundle twice.",
    12052842: "The bundle does not include its primary product.",
    12052844: "The SKU in the bundle is not one of its product.",
    12052845: "A bundle takes products on sale only.",
    12052847: "What is in a bundle can not be changed.",
    12052850: "The stock of a bundle can not be edited.",
    12052857: "Bundles and other products can not be turned into each other.",
    12052859: "A bundle of one SKU needs at least 2 pieces of it.",
    12052861: "A bundle can not cost more than what is in it.",
    12052863: "Either all SKUs of a product are bundles, or none.",
    12052901: "The product's current status does not allow this operation.",
    12052902: "The SKU list is empty.",
    12052910: "Invalid input parameters.",
    12052915: "The units of package weight and dimensions do not match.",
    12052923: "Contact information is required.",
    12052931: "The title breaks the formatting rules.",
    12052932: "The description breaks the formatting rules.",
    12052933: "A sales attribute name breaks the formatting rules.",
    12052934: "A sales attribute value breaks the formatting rules.",
    12052935: "A product attribute value breaks the formatting rules.",
    12052990: "The check failed.",
    12052996: "Another product has this external ID.",
}
CHECK_FAILED = 12052990


@dataclass(frozen=True, slots=True)
class Problem:
    """`is_gap`: something is missing that a draft may do without."""

    code: int
    detail: str = ""
    is_gap: bool = False

    @property
    def message(self) -> str:
        text = TEXTS.get(self.code, "The operation failed.")
        return f"{text} {self.detail}".strip()

    def as_json(self) -> Json:
        return {"code": self.code, "message": self.message}

    def refusal(self) -> Refusal:
        return Refusal(self.code, self.message)


def refuse(code: int, detail: str = "") -> Refusal:
    return Problem(code, detail).refusal()
