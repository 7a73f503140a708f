"""Closed tables of products: error codes, and the states of listings and reviews.

Source: Partner Center, the error tables of the product endpoints. What is missing here
is kept as it came and never guessed.
"""

from apps.integrations.contracts import AuditStatus, ListingStatus, StockFault
from apps.integrations.tiktok.faults import HOUR, Action, Fault, FaultTable

WRONG_CATEGORY_VERSION = 12052217
NO_CATEGORY_FITS = (12019064, 12052912)
SELLER_NOT_READY = (12052700, 12019004, 12052995)
# Says nothing itself: what was refused is in `detail.extra_errors`.
WRAPPER = 12052990


def _input(meaning: str) -> Fault:
    return Fault(Action.INPUT, meaning)


def _stop(meaning: str) -> Fault:
    return Fault(Action.STOP, meaning)


PRODUCT_FAULTS: FaultTable = (
    # The shop and the product as such
    (_stop("The seller has not finished joining"), SELLER_NOT_READY),
    (
        _stop("The seller may not do this"),
        (12009014, 12019112, 12019114, 12052701, 12052703, 12052704, 12052705),
    ),
    (_stop("The seller may not do this"), (12052994, 12052992, 12052849, 12019215)),
    (
        Fault(Action.GONE, "The product is not in this shop"),
        (12052260, 12019150, 12052032, 12052048, 12052034, 12052031, 12019008),
    ),
    (Fault(Action.GONE, "No version of it is under review"), (12052547,)),
    (
        Fault(Action.REREAD, "The product's state does not allow this"),
        (12052901, 12019113),
    ),
    (
        _stop("The product is locked: an appeal, an auction, a lottery or a shop move"),
        (12052308, 12052371, 12052307, 12052332, 12052922),
    ),
    (_stop("It cannot be kept as a draft"), (12052488,)),
    (_stop("Reserved stock keeps it from being deleted"), (12052377, 12052447)),
    (Fault(Action.LATER, "Another task is still running", HOUR), (12052234,)),
    (
        Fault(Action.LATER, "The shop's limit of new products is reached", HOUR),
        (12052093,),
    ),
    (Fault(Action.DONE, "A product with this external id exists"), (12052996,)),
    (_input("The product is refused; see the details"), (WRAPPER,)),
    (Fault(Action.BUG, "Too many products in one call"), (12019120,)),
    (_input("The shop is not ready to list"), (12052535, 12052115, 12052923)),
    (
        _input("The search is not accepted"),
        (12019027, 12019087, 12019108, 12019109, 12019118, 12019119, 12019123),
    ),
    (
        _input("The search is not accepted"),
        (12019124, 38023047, 38023048, 38023049, 38023057),
    ),
    (Fault(Action.LESS, "More than 10,000 products are found"), (12052180,)),
    # Texts
    (
        _input("The title is missing, too short or long, or has forbidden characters"),
        (12052051, 12052261, 12052262, 12052263, 12052266),
    ),
    (
        _input("The description is not accepted"),
        (12019006, 12052013, 12052015, 12052056, 12052324, 12052340, 12052341),
    ),
    (
        _input("The description is not accepted"),
        (12052342, 12052343, 12052344, 12052345, 12052346, 12052348, 12052349),
    ),
    (_input("The description is not accepted"), (12052350, 12052351, 12052352)),
    (
        _input("The text has HTML escapes, emoji or control characters"),
        (12052931, 12052932, 12052933, 12052934, 12052935),
    ),
    (_input("An address of an offer elsewhere is not accepted"), (12052235, 12052238)),
    # Category, brand, attributes, papers
    (
        _input("The category is of another version than this shop's"),
        (WRONG_CATEGORY_VERSION,),
    ),
    (
        _input("The category is not accepted"),
        (12052023, 12052024, 12052025, 12052230, 12019002, 12052002, 12052303),
    ),
    (_stop("The category can no longer be changed"), (12052158, 12052265)),
    (
        _stop("The shop may not sell in this category"),
        (12052220, 12052221, 12052223, 12052225, 12052226, 12052227, 12052446),
    ),
    (_input("No category fits"), NO_CATEGORY_FITS),
    (_input("Cash on delivery is not possible in this category"), (12052222,)),
    (_stop("The brand cannot be created"), (12052202, 12052203, 12052205)),
    (
        _input("The brand's name is not accepted"),
        (12052189, 12052190, 12052191, 12052192, 12052204, 12052206),
    ),
    (
        _input("The brand does not exist, has expired or is not authorized here"),
        (12019013, 12052026, 12052200, 12052201, 12052207, 12052208),
    ),
    (
        _input("An attribute the category asks for is missing or does not fit"),
        (12052104, 12052182, 12052183, 12019030, 12052256),
    ),
    (
        _input("An attribute is not accepted"),
        (12052151, 12052157, 12052240, 12052241, 12052242, 12052243, 12052244),
    ),
    (
        _input("An attribute is not accepted"),
        (12052245, 12052246, 12052247, 12052248, 12052249, 12052250, 12052251),
    ),
    (_input("An attribute is not accepted"), (12052253, 12052254)),
    (
        _input("The variations are not accepted"),
        (12019019, 12019117, 12052152, 12052153, 12052525, 12052526, 12052527),
    ),
    (
        _input("The variations are not accepted"),
        (12052529, 12052550, 12052554, 12052559, 12052560, 12052160),
    ),
    (
        _input("A certificate is missing or not accepted"),
        (12052105, 12052385, 12052650, 12052651, 12052655, 12052656, 12052657),
    ),
    (_input("A certificate is missing or not accepted"), (12052658,)),
    (
        _input("The manufacturer or responsible person is missing or not accepted"),
        (12052216, 12052282, 12052283, 12052284, 12052285, 12052287, 12052288),
    ),
    (
        _input("The manufacturer or responsible person is missing or not accepted"),
        (12052289, 12052290, 12052295, 12052296, 12052365, 12052366),
    ),
    (Fault(Action.RETRY, "TikTok Shop's registry is busy"), (38023025,)),
    (
        _stop(
            "Cross-border sellers have no manufacturers and responsible persons here"
        ),
        (38023050,),
    ),
    # Pictures
    (
        _input("A main picture is missing, or its size or format does not fit"),
        (12019009, 12052028, 12052300, 12052301, 12052302, 12052304, 12052305),
    ),
    (
        _input("A main picture is missing, or its size or format does not fit"),
        (12052306, 12019116),
    ),
    (
        _input("A picture is not known to TikTok Shop; upload it again"),
        (12019065, 12038008, 12052722),
    ),
    (
        _input("A variation's picture is missing or not accepted"),
        (12052356, 12052357, 12052520, 12052521, 12052522, 12052523, 12052524),
    ),
    (_input("A variation's picture is missing or not accepted"), (12052528,)),
    (
        _input("The size chart is missing or not accepted"),
        (12052128, 12052670, 12052671, 12052673),
    ),
    (_input("The video is not accepted"), (12019122, 12052360)),
    (
        _input("The uploaded file is not accepted"),
        (12038002, 12038004, 12038005, 12038014, 12038015, 12019103, 12019104),
    ),
    (_input("The uploaded file is not accepted"), (12019105, 12038007)),
    # Parcel
    (
        # Also said of a state that does not allow what was asked.
        _input("The parcel's size, or the product's state, does not fit"),
        (12052003,),
    ),
    (
        _input("The parcel's weight or size is missing or not accepted"),
        (12019011, 12019012, 12052004, 12052005, 12052006, 12052016, 12052116),
    ),
    (
        _input("The parcel's weight or size is missing or not accepted"),
        (12052181, 12052401),
    ),
    (
        _input("The units of weight and size do not fit each other or the region"),
        (12019060, 12019061, 12052915, 12052916),
    ),
    # SKUs
    (_input("There are too many SKUs"), (12019015, 12052050, 12052558)),
    (
        _input("The seller SKU is missing, too long or not accepted"),
        (12019059, 12052054),
    ),
    (_stop("SKUs of this product cannot be added or removed"), (12019056, 12019057)),
    (
        _input("The SKU id is missing, doubled or of another product"),
        (12052036, 12052553, 12052556, 12052557, 12052902),
    ),
    (
        _input("The barcode is not accepted or used twice"),
        (12052591, 12052592, 12052598, 12052600, 12052291, 12052292, 12052293),
    ),
    (_input("The barcode is not accepted or used twice"), (12052294,)),
    (_stop("A barcode once sent can no longer be changed"), (12052593, 12052594)),
    (
        _input("The number of units per SKU is missing or not accepted"),
        (12052361, 12052362, 12052574),
    ),
    (
        _input("The order quantity is not accepted"),
        (12052317, 12052319, 12052706, 12052707, 12052815, 12052848),
    ),
    # Prices
    (
        _stop("The price is locked, by a promotion or for a gift"),
        (12052038, 12019045, 12052163),
    ),
    (
        _input("The price or currency is not accepted"),
        (12052012, 12052073, 12052092, 12052570, 12052571, 12052572, 12052084),
    ),
    (
        _input("The price or currency is not accepted"),
        (12052424, 12019010, 12019121, 12052861),
    ),
    (_input("The list price is not accepted"), (12052375, 12052376, 12052383)),
    (_input("Subscriptions are not possible for this product"), (12052359,)),
    # Stock and warehouses
    (
        _input("The warehouse does not fit"),
        (12052097, 12052530, 12052531, 12052532, 12019022, 12052096, 12052533),
    ),
    (
        _input("The warehouse does not fit"),
        (12052403, 12052094, 12052095, 12052143, 12052144, 12052145, 12052364),
    ),
    (
        _input("The warehouse does not fit"),
        (12052142, 12052379, 12052448, 12052465, 12052534),
    ),
    (
        _input("Shipping is not set up for this product's warehouse"),
        (12052402, 12052404, 12052405, 12052420),
    ),
    (_input("All warehouses must be sent"), (12019028,)),
    (
        _input("The quantity is out of range"),
        (12052055, 12019024, 12052146, 12052159, 12052516),
    ),
    (
        _stop("This stock cannot be edited"),
        (12052037, 12052141, 12052921, 12052850, 12052393, 12052382),
    ),
    # Pre-orders, bundles, copies
    (
        _input("The pre-order settings are not accepted"),
        (12019094, 12019095, 12019096, 12019097, 12019098, 12019099, 12019100),
    ),
    (
        _input("The pre-order settings are not accepted"),
        (12052269, 12052275, 12052278, 12052310, 12052311, 12052490, 12052702),
    ),
    (_input("The pre-order settings are not accepted"), (12052712, 12052229)),
    (
        _stop("A product on sale cannot become a pre-order, nor the other way round"),
        (12052273, 12052314, 12052315, 12052329),
    ),
    (
        _input("The bundle is not accepted"),
        (12052805, 12052831, 12052832, 12052833, 12052834, 12052835, 12052836),
    ),
    (
        _input("The bundle is not accepted"),
        (12052837, 12052838, 12052840, 12052841, 12052842, 12052843, 12052844),
    ),
    (
        _input("The bundle is not accepted"),
        (12052845, 12052846, 12052847, 12052853, 12052854, 12052856, 12052857),
    ),
    (
        _input("The bundle is not accepted"),
        (12052859, 12052862, 12052863, 12052864),
    ),
    (
        _input("The product's copies in other markets do not fit"),
        (12052503, 12052508, 12052509, 12052510, 12052511, 12052512, 12052513),
    ),
    (
        _input("The product's copies in other markets do not fit"),
        (12052514, 12052515, 12019016),
    ),
    (
        Fault(Action.RETRY, "TikTok Shop's catalogue is busy"),
        (12052109, 12052372, 33001002, 12001000, 12052881, 12056001),
    ),
)

# The largest quantity of a SKU in one warehouse, on paper; the smallest is 1 there.
MOST_IN_STOCK = 99_999

# What a code means when it is said of stock, where that is more than its action says.
_STOCK_TABLE: tuple[tuple[StockFault, tuple[int, ...]], ...] = (
    (StockFault.OUT_OF_RANGE, (12052055, 12019024, 12052146, 12052159)),
    (
        StockFault.WAREHOUSE,
        (12052097, 12052530, 12052531, 12052532, 12019022, 12052096, 12052115),
    ),
    (
        StockFault.WAREHOUSE,
        (12052533, 12052403, 12052094, 12052095, 12052364, 12052465, 12052535),
    ),
    (StockFault.WAREHOUSE, (12019028,)),  # there is one that we do not know of
    (
        StockFault.LOCKED,
        (12052037, 12052141, 12052921, 12052850, 12052393, 12052382, 12052144),
    ),
    # An appeal or an auction; a bundle that is not ours to touch.
    (StockFault.LOCKED, (12052308, 12052371, 12052849)),
    # A parcel's height by its page; the sample of "Update Inventory" says the state.
    (StockFault.STATUS, (12052003,)),
    (StockFault.GONE, (12052553, 12052556, 12052557)),
    (
        StockFault.SELLER,
        (12052700, 12019004, 12052995, 12019112, 12019114, 12052701, 12052703),
    ),
    (StockFault.SELLER, (12052704, 12052705)),
)

STOCK_FAULTS: dict[int, StockFault] = {
    code: fault for fault, codes in _STOCK_TABLE for code in codes
}

LISTING_STATUSES: dict[str, ListingStatus] = {
    "DRAFT": ListingStatus.DRAFT,
    "PENDING": ListingStatus.PENDING,
    "FAILED": ListingStatus.FAILED,
    "ACTIVATE": ListingStatus.LIVE,
    "SELLER_DEACTIVATED": ListingStatus.SELLER_DEACTIVATED,
    "PLATFORM_DEACTIVATED": ListingStatus.PLATFORM_DEACTIVATED,
    "FREEZE": ListingStatus.FROZEN,
    "SCHEDULED": ListingStatus.SCHEDULED,
    "DELETED": ListingStatus.DELETED,
}

AUDIT_STATUSES: dict[str, AuditStatus] = {
    "NONE": AuditStatus.NONE,
    "AUDITING": AuditStatus.AUDITING,
    "FAILED": AuditStatus.FAILED,
    "PRE_APPROVED": AuditStatus.PRE_APPROVED,
    "APPROVED": AuditStatus.APPROVED,
}
