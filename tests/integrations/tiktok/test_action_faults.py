"""What can be done where the platform did not do what we asked."""

import pytest

from apps.integrations.contracts import ActionFault
from apps.integrations.errors import (
    ConsentNeeded,
    HeldBack,
    MalformedReply,
    NotFound,
    OurFault,
    PlatformUnavailable,
    RateLimited,
    RequestRefused,
    TokenExpired,
)
from apps.integrations.tiktok.aftersales.codes import AFTERSALE_FAULTS
from apps.integrations.tiktok.codes import FAULTS, action_fault
from apps.integrations.tiktok.fulfilment.codes import FULFILMENT_FAULTS
from apps.integrations.tiktok.products.codes import PRODUCT_FAULTS
from apps.integrations.tiktok.replies import error_for

CODES = {
    ActionFault.DONE_BEFORE: (
        *(21011006, 21011020, 21011040, 11006021, 21008099, 21042056, 21023046),
        *(21011027, 21022025, 21030006),
    ),
    ActionFault.REREAD: (
        *(21011007, 21008044, 21021010, 25001003, 25001010, 25001011, 25001051),
        *(25020009, 25020010, 25020011, 25020003, 25020012, 25011011, 25011012),
        *(25011013, 25007007, 21042057, 21011003, 21011029, 21011033, 21030005),
    ),
    ActionFault.INPUT: (
        *(21011022, 11028006, 21004012, 21004015, 21004016, 21011025, 21034012),
        *(21011026, 21022032, 25001014, 25001015, 25001016, 25001020, 25001021),
        *(25001057, 25005005, 25005010, 25005011, 21004006, 21004019, 21004020),
        *(11001002, 11050001, 21001001, 21011005, 25001001, 21023035, 21042104),
        *(11021009, 11021015, 21011053, 21011048, 25020004),
    ),
    ActionFault.STOP: (
        *(21011041, 21011042, 21023059, 21011049, 21011050, 21011051, 21011052),
        *(21011030, 21011043, 10007002, 21008111, 21011028, 25007006, 25020005),
        *(11034002, 21008017, 21008043, 21008109, 21042102, 25001045, 25001046),
        *(25011010, 21008025, 21008106, 11021012, 10007014, 106001, 36009033),
        *(0, 77777777),
    ),
    ActionFault.RETRY: (
        *(36009002, 36009003, 36009007, 36009037, 10006402, 11001027, 11001031),
        *(21001003, 21001008, 21001011, 21022029, 11034023, 11034037, 11006010),
        *(21023022, 21023034, 25001028, 25007002, 25001058, 25001042, 105002),
    ),
    ActionFault.SELLER: (12052700, 12019004, 105001, 105005, 101000, 36004005),
}


@pytest.mark.parametrize(
    ("code", "fault"), [(code, fault) for fault in CODES for code in CODES[fault]]
)
def test_each_code_says_what_can_be_done(code, fault):
    assert action_fault(code) is fault
    assert error_for(200, code, "their words", "R", {}).fault is fault


@pytest.mark.parametrize(
    ("http_status", "fault"),
    [
        (200, ActionFault.STOP),
        (400, ActionFault.STOP),
        (429, ActionFault.RETRY),
        (500, ActionFault.RETRY),
        (503, ActionFault.RETRY),
    ],
)
def test_an_unknown_code_is_only_retried_for_its_status(http_status, fault):
    assert action_fault(88888888, "a new rule", http_status) is fault


def test_the_overloaded_code_is_read_by_its_words():
    words = "Invalid credentials. The access_token is invalid"

    assert action_fault(36009004, words) is ActionFault.RETRY
    assert action_fault(36009004, "Invalid app_key") is ActionFault.STOP


def test_every_fault_has_one_place_in_the_tables():
    tables = (FULFILMENT_FAULTS, AFTERSALE_FAULTS, PRODUCT_FAULTS)
    codes = [code for table in tables for _, group in table for code in group]

    assert len(set(codes)) == len(codes)
    assert set(codes) <= set(FAULTS)


@pytest.mark.parametrize(
    ("kind", "fault", "may_be_done"),
    [
        (PlatformUnavailable, ActionFault.RETRY, True),
        (MalformedReply, ActionFault.REREAD, True),
        (RateLimited, ActionFault.RETRY, False),
        (HeldBack, ActionFault.RETRY, False),
        (TokenExpired, ActionFault.RETRY, False),
        (ConsentNeeded, ActionFault.SELLER, False),
        (RequestRefused, ActionFault.STOP, False),
        (NotFound, ActionFault.STOP, False),
        (OurFault, ActionFault.STOP, False),
    ],
)
def test_an_error_without_a_code_says_it_by_its_kind(kind, fault, may_be_done):
    error = kind("no answer")

    assert (error.fault, error.may_be_done, error.said) == (fault, may_be_done, "")


def test_the_platforms_words_are_kept_without_secrets_and_not_at_length():
    error = error_for(
        200, 21011022, "bad GCP_x " + "y" * 500, "R", {}, secrets=["GCP_x", ""]
    )

    assert error.said.startswith("bad … yyy")
    assert len(error.said) <= 250
