"""Closed tables of fulfilment: error codes, and the states of packages.

Source: Partner Center, the error tables of the fulfilment and logistics endpoints. What
is missing here is kept as it came and never guessed.
"""

from apps.integrations.contracts import PackageStatus
from apps.integrations.tiktok.faults import Action, Fault, FaultTable

# Said of a package or an order that is not this shop's, or is nobody's.
NOT_THIS_SHOPS = (10006402, 21008111, 21011028)
DELIVERED_BY_PLATFORM = 21008117


def _input(meaning: str) -> Fault:
    return Fault(Action.INPUT, meaning)


def _stop(meaning: str) -> Fault:
    return Fault(Action.STOP, meaning)


def _reread(meaning: str) -> Fault:
    return Fault(Action.REREAD, meaning)


_NOT_READY = Fault(Action.RETRY, "Shipping is not ready on TikTok Shop's side")
_TRACKING = _input("The tracking number or carrier is not accepted")
_ADDRESS = _stop("An address is not accepted")
_MEASURES = _input("Size, weight or number of items is not accepted")

FULFILMENT_FAULTS: FaultTable = (
    (
        _NOT_READY,
        (11001027, 11001031, 11006005, 11006010, 11006026, 11034023, 11034025),
    ),
    (
        _NOT_READY,
        (11034037, 21001003, 21001008, 21001011, 21001029, 21001043, 21001055),
    ),
    (
        _NOT_READY,
        (21008300, 21022026, 21022029, 21022030, 21023022, 21023034, 21042001),
    ),
    (_NOT_READY, (21042076,)),
    # What we ask for
    (_TRACKING, (21011022, 11028006, 21004012, 21004015, 21004016, 21011025, 21034012)),
    (_TRACKING, (21011026, 21022032)),
    (
        _MEASURES,
        (11021014, 11021015, 11021016, 11021017, 11021018, 11021019, 11021020),
    ),
    (_MEASURES, (11021022,)),
    (
        _input("No shipping service fits"),
        (11021009, 21011037, 21004008, 11003011),
    ),
    (
        _input("The time for the pick-up is missing or not accepted"),
        (21004017, 21011053, 21011054),
    ),
    (_input("Say which items are meant"), (21011048,)),
    (_input("The items cannot be divided like this"), (21011036,)),
    (_input("Shipping must be arranged first"), (21023035, 21042104)),
    (
        _input("The invoice is missing or not accepted"),
        (21004006, 21004019, 21004020),
    ),
    # Where it stands
    (
        Fault(Action.DONE, "It was shipped before"),
        (21011006, 21011020, 21011040, 11006021, 21008099, 21042056, 21023046),
    ),
    (Fault(Action.DONE, "It is delivered already"), (21011027,)),
    (Fault(Action.DONE, "The label was bought before"), (21022025, 21030006)),
    (
        _reread("The buyer's request must be answered first"),
        (21011007, 21008044, 21021010),
    ),
    (
        _reread("The package's state does not allow this"),
        (21011003, 21011008, 21030005, 21032001, 21042057),
    ),
    (
        _reread("The orders have been combined or divided otherwise"),
        (21011029, 21011031, 21011033, 21011046),
    ),
    (
        _stop("The order or package is cancelled"),
        (21011041, 21011042, 21023059),
    ),
    (
        _stop("The tracking number can no longer be changed"),
        (21011049, 21011050, 21011051, 21011052, 21011030, 21011043, 10007002),
    ),
    (_stop("TikTok ships it; its tracking number is not ours"), (21011004,)),
    # What can never be done
    (
        _stop("There is no label for this package"),
        (11034002, 21008017, 21008043, 21008109, 11034009, 21042102),
    ),
    (_stop("A label has been printed for it"), (21008042,)),
    (
        _stop("TikTok fulfils this order itself"),
        (21008025, DELIVERED_BY_PLATFORM),
    ),
    (_stop("There is no such delivery option"), (21008116,)),
    (_stop("The order or package is of another shop"), (21008111, 21011028)),
    (_stop("This is not possible in this region"), (21004010, 21008106)),
    (
        _ADDRESS,
        (11021010, 11021012, 11021013, 11021023, 11021024, 11021025),
    ),
    (_stop("The product's name is not accepted"), (11021011, 11021021)),
    (_stop("The order may not be split"), (21011035, 21022028)),
    (_stop("The orders may not be combined"), (10007014,)),
    (
        _stop("TikTok Shop's rules do not allow this"),
        (21011012, 21011013, 21004024),
    ),
    (_stop("The warehouse does not exist"), (11005004,)),
    (
        _stop("The shipment failed"),
        (11005010, 11006013, 11006014, 21014009, 21034006, 21042067),
    ),
)

PACKAGE_STATUSES: dict[str, PackageStatus] = {
    "TO_FULFILL": PackageStatus.TO_FULFILL,
    "PROCESSING": PackageStatus.PROCESSING,
    "FULFILLING": PackageStatus.FULFILLING,
    "COMPLETED": PackageStatus.COMPLETED,
    "CANCELLED": PackageStatus.CANCELLED,
    "CANCEL": PackageStatus.CANCELLED,
}

# Sub-states that say by themselves that something went wrong on the way.
PROBLEMS = frozenset({"ISSUE", "SHIP_EXCEPTION", "PART_DELIVERED_AND_EXCEPTION"})
