"""score_credit, as cron and people call it."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.credit.models import Score, ScoreInput
from apps.credit.services.rescoring import due_applicants, rescore
from apps.orders.models import Order
from tests.credit.selling import (
    make_applicant,
    make_read_shop,
    make_us_shop,
    pulled,
    spread,
)

pytestmark = pytest.mark.django_db


def run(*arguments, **options):
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command("score_credit", *arguments, stdout=out, stderr=err, **options)
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    return code, out.getvalue(), err.getvalue()


def make_scored(reference="Loan 4711"):
    today = timezone.now().date()
    shop = make_read_shop(as_of=today)
    spread(shop, 30, 3_000, as_of=today)
    applicant = make_applicant(shops=[shop], reference=reference)
    run("--applicant", reference)
    return applicant


def test_an_applicant_is_scored_by_name_and_the_summary_says_how():
    applicant = make_scored()

    code, out, _ = run("--applicant", "Loan 4711", "--no-progress")

    assert code == 0
    assert "Loan 4711" in out
    assert "1,000.00" in out
    assert applicant.scores.count() == 2


def test_a_dry_run_stores_nothing_and_json_is_one_object_a_line():
    make_scored()
    make_applicant(reference="Empty")

    code, out, err = run("--all", "--dry-run", "--json")

    assert (code, err) == (0, "")
    *scores, summary = [json.loads(line) for line in out.splitlines()]
    assert [one["result"] for one in scores] == ["scored", "unscorable"]
    assert scores[1]["score"] is None
    assert (summary["total"], summary["scored"], summary["unscorable"]) == (2, 1, 1)
    assert Score.objects.count() == 1


def test_what_was_never_read_is_said_with_the_command_that_reads_it():
    shop = make_us_shop(name="Quiet Lamps")
    pulled(shop, timezone.now().date(), resources=["orders"])
    make_applicant(shops=[shop])

    code, out, err = run("--all", "--no-progress")

    assert code == 0
    assert "unscorable" in out
    assert "Returns of Quiet Lamps were never read: run sync_returns --shop" in err
    assert "Cancellations of Quiet Lamps were never read" in err


def test_checking_finds_what_does_not_reproduce():
    make_scored()
    assert run("--all", "--check")[0] == 0
    ScoreInput.objects.update(digest="0" * 64)

    code, out, err = run("--all", "--check")

    assert code == 3
    assert "not those that were kept" in out
    assert "1x The rows" in err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--applicant", "nobody"],
        ["--client", "nobody"],
        ["--all", "--limit", "0"],
        ["--all", "--as-of", "2999-01-01"],
    ],
)
def test_a_choice_of_nobody_is_wrong_usage(arguments):
    with pytest.raises(CommandError) as refused:
        run(*arguments)

    assert refused.value.returncode == 2


def test_who_has_new_data_is_scored_again_once_a_day():
    applicant = make_scored()
    make_applicant(shops=[make_read_shop()])  # never asked for
    now = timezone.now()
    tomorrow = now + timedelta(days=1, minutes=1)
    assert not due_applicants(now).exists()
    assert not due_applicants(tomorrow).exists()
    assert list(due_applicants(now + timedelta(days=8))) == [applicant]

    Order.objects.filter(shop__shown_by__applicant=applicant).update(
        modified_at=now + timedelta(hours=1)
    )

    assert rescore(tomorrow) == 1
    assert applicant.scores.count() == 2
    assert rescore(tomorrow, budget=-1) == 0
