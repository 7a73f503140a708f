"""Settlement files from the upload to the page, by the command, and back."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from apps.finance.models import (
    SettlementTransaction,
    Statement,
    UnsettledTransaction,
)
from apps.finance.services.settlements import ingest_settlements
from apps.imports.errors import UndoRefused
from apps.imports.models import ImportChange, ImportRun
from apps.imports.services.checking import check
from apps.imports.services.readers import READERS
from apps.imports.services.running import read_in
from apps.imports.services.settlements import import_settlements
from apps.imports.services.stages import ask_check, ask_start
from apps.imports.services.undo import undo
from apps.integrations.contracts import Source
from apps.users.roles import Role
from apps.users.services.audit import By
from tests.factories.finance import make_statement, remote_settlement
from tests.factories.orders import make_order
from tests.factories.platforms import make_shop
from tests.factories.users import make_user
from tests.imports.settlement_files import (
    BANNER,
    SEA,
    UNSETTLED,
    US,
    row_of,
    write_csv,
    write_xlsx,
)

pytestmark = pytest.mark.django_db
D = Decimal
BY = By(process="a test")
FIRST, SECOND = "579300000000000101", "579300000000000102"


@pytest.fixture
def shop():
    return make_shop()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "income.xlsx"


def lines():
    return SettlementTransaction.objects.order_by("subject_id")


def stored(shop, path):
    """By the page's own way, so that it can be undone."""
    run = ImportRun.objects.create(
        shop=shop, kind="settlement", state="done", file_name="i.xlsx", file_hash="f"
    )
    reader = READERS["settlement"]
    reader.store(run, shop, list(reader.open(shop, path, "auto").items()))
    return run


def test_from_the_upload_to_the_last_line(client, shop, path, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    client.force_login(make_user(clients=[shop.client], role=Role.ADMIN))
    second = row_of(SEA, adjustment_id=SECOND, settlement="much")
    write_xlsx(path, [SEA, second])
    upload = SimpleUploadedFile("income.xlsx", path.read_bytes())

    client.post("/admin/imports/importrun/upload/", {"shop": shop.pk, "file": upload})
    run = ImportRun.objects.get()
    assert (run.kind, run.state) == ("settlement", ImportRun.State.UPLOADED)
    ask_check(run, {})
    check(run)
    run.refresh_from_db()
    assert run.report["new"] == 1
    assert not lines().exists()
    page = client.get(reverse("admin:imports_importrun_run", args=[run.pk]))
    assert "89.85" in page.content.decode()
    ask_start(run)
    read_in(run)

    run.refresh_from_db()
    assert (run.new, run.failed) == (1, 1)
    [line] = lines()
    assert (line.settlement_amount, line.is_off) == (D("89.85"), False)
    errors = client.get(reverse("admin:imports_importrun_errors", args=[run.pk]))
    assert SECOND in errors.content.decode()


def test_the_same_file_changes_nothing_and_a_dry_run_writes_nothing(shop, path):
    write_csv(path, [SEA])

    dry = import_settlements(shop, path, dry_run=True)
    assert (dry.outcome.new, lines().count()) == (1, 0)
    import_settlements(shop, path)
    again = import_settlements(shop, path)

    assert (again.outcome.same, again.outcome.new) == (1, 0)
    assert again.earlier is not None


def test_a_file_and_the_api_do_not_count_an_order_twice(shop, path):
    """Whichever comes first."""
    second = row_of(SEA, adjustment_id=SECOND)
    write_csv(path, [SEA, second])
    api = remote_settlement(FIRST)
    ingest_settlements(shop, [api], Source.API)
    import_settlements(shop, path)
    make_statement(
        shop, remote_settlement(FIRST), remote_settlement(SECOND), remote_id="7301"
    )

    assert lines().count() == 2
    assert set(lines().values_list("source", flat=True)) == {"api"}


def test_by_the_command_and_for_the_united_states(path):
    shop = make_shop(region="US")
    write_csv(path, [US])
    out = StringIO()

    call_command(
        "import_file", "settlement", str(path), shop=str(shop.pk), stdout=out,
        no_progress=True,
    )  # fmt: skip

    assert "together in USD" in out.getvalue()
    line = lines().get()
    assert (line.statement.remote_id, line.skus.count()) == ("7301000000000000009", 1)
    assert line.difference_amount == 0


def test_what_is_to_come_lands_among_the_estimates(shop, path):
    write_csv(path, [UNSETTLED], banner=BANNER)

    import_settlements(shop, path)

    row = UnsettledTransaction.objects.open().get()
    assert (row.settlement_amount, row.source) == (D("33.00"), "file")


def test_an_order_of_another_shop_is_not_taken_in(shop, path):
    make_order(shop=make_shop(shop.client), remote_id=FIRST)
    write_csv(path, [SEA, row_of(SEA, adjustment_id=SECOND)])

    result = import_settlements(shop, path)

    assert [key for key, _ in result.outcome.refused] == [FIRST]
    assert lines().get().subject_id == SECOND


def test_what_a_file_brought_goes_again_and_what_it_changed_is_as_it_was(shop, path):
    write_csv(path, [SEA])
    first = stored(shop, path)
    more = row_of(SEA, settlement="90.85", revenue="105.00")
    write_csv(path, [more, row_of(SEA, adjustment_id=SECOND)])
    second = stored(shop, path)
    plain = {name: cell.replace("$", "") for name, cell in US.items()}
    write_csv(path, [row_of(plain, currency="MYR")])
    of_statement = stored(shop, path)
    assert Statement.objects.count() == 1
    undo(of_statement, BY)
    with pytest.raises(UndoRefused):
        undo(first, BY)

    done = undo(second, BY)

    assert (done.removed, done.restored) == (1, 1)
    line = lines().get()
    assert (line.settlement_amount, line.revenue_amount) == (D("89.85"), D("104"))
    assert line.components.count() == 8
    assert not Statement.objects.exists()
    undo(first, BY)
    assert not lines().exists()
    assert not ImportChange.objects.exists()


def test_what_the_api_has_told_of_since_stays(shop, path):
    write_csv(path, [SEA])
    run = stored(shop, path)
    ingest_settlements(shop, [remote_settlement(FIRST)], Source.API)

    with pytest.raises(UndoRefused):
        undo(run, BY)

    assert lines().get().source == "api"
