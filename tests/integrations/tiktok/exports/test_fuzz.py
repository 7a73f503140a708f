"""Whatever is done to a file: refused, or read right; never another exception, never
another number without a word.

Each property holds for orders, returns and products. `--hypothesis-seed` and
FUZZ_EXAMPLES look further than the suite does.
"""

import os
from bisect import bisect_right

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.integrations.tiktok.exports.damage import KINDS, ORDERS, Found, Kind, read
from tests.integrations.tiktok.exports.files import (
    HEADER,
    as_csv,
    as_xlsx,
    make_row,
)

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))
WORKBOOK = as_xlsx([make_row(), make_row(Order_ID="579100000000000222")])
WHOLE: dict[str, Found] = {}
of_each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
fuzz = settings(
    max_examples=EXAMPLES, deadline=None, derandomize="FUZZ_EXAMPLES" not in os.environ
)


def undamaged(kind: Kind) -> Found:
    if kind.name not in WHOLE:
        found = read(kind, kind.content)
        assert found is not None
        assert found.items.keys() == set(kind.ids) - {""}
        WHOLE[kind.name] = found
    return WHOLE[kind.name]


def check(kind: Kind, content: bytes, touched: set[str]) -> None:
    """Items of `touched` rows are refused, the same, or have something said of them;
    others are the same."""
    whole, found = undamaged(kind), read(kind, content)
    if found is None:
        return
    for key, item in whole.items.items():
        now = found.items.get(key)
        if key not in touched:
            assert now == item
        elif now is None:
            assert found.spoken_of
        elif kind.numbers(now) != kind.numbers(item):
            assert key in found.spoken_of
    for key in found.items.keys() - whole.items.keys():
        # Of an ID that is a number, too, nothing can be known.
        assert touched, key


@of_each_kind
@fuzz
@given(data=st.data())
def test_any_byte_may_be_another(kind, data):
    """A digit for a digit cannot be seen, but it changes its own row alone. A heading
    that is no longer known is said to be unknown."""
    content = bytearray(kind.content)
    ids, ends = ["", *kind.ids], kind.ends
    touched, in_header = set(), False
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255) | st.sampled_from(b'",\r\n 0'))
        in_header |= at < ends[0]
        # What ends a row begins the next one.
        touched |= {ids[bisect_right(ends, at)], ids[bisect_right(ends, at + 2) - 1]}
        touched.add(ids[min(bisect_right(ends, at + 2), len(ids) - 1)])
    whole, found = undamaged(kind), read(kind, bytes(content))
    if found is None or in_header:
        return
    for key, item in whole.items.items():
        if key not in touched:
            assert found.items.get(key, item) == item
            assert key in found.items or found.spoken_of


@of_each_kind
@fuzz
@given(data=st.data())
def test_columns_may_stand_in_any_order(kind, data):
    columns = data.draw(st.permutations(range(len(kind.header))))
    moved = [[row[at] for at in columns] for row in kind.rows]

    found = read(kind, as_csv(moved, header=[kind.header[at] for at in columns]))

    assert found is not None
    assert found.items == undamaged(kind).items


@of_each_kind
@fuzz
@given(data=st.data())
def test_rows_may_stand_in_any_order_and_twice(kind, data):
    head, below = kind.rows[: kind.head], kind.rows[kind.head :]
    twice = data.draw(st.sets(st.integers(0, len(below) - 1), max_size=3))
    rows = data.draw(st.permutations([*below, *(below[at] for at in twice)]))

    check(
        kind,
        as_csv([*head, *rows], header=kind.header),
        {kind.ids[kind.head + at] for at in twice},
    )
    if not twice:
        found = read(kind, as_csv([*head, *rows], header=kind.header))
        assert found is not None
        for key, item in undamaged(kind).items.items():
            assert kind.numbers(found.items[key]) == kind.numbers(item)


@of_each_kind
@fuzz
@given(data=st.data())
def test_a_row_may_be_cut(kind, data):
    at = data.draw(st.integers(kind.head, len(kind.rows) - 1))
    width = data.draw(st.integers(1, len(kind.header) - 1))
    rows = [*kind.rows]
    rows[at] = rows[at][:width]

    content = as_csv(rows, header=kind.header)

    check(kind, content, {kind.ids[at]})
    found = read(kind, content)
    if found and any(map(str.strip, kind.rows[at][width:])):
        assert kind.ids[at] not in found.items


@of_each_kind
@fuzz
@given(data=st.data())
def test_a_row_s_cells_may_be_shifted(kind, data):
    """To the left, one being lost, or to the right; the row's end filled up or not."""
    at = data.draw(st.integers(kind.head, len(kind.rows) - 1))
    place = data.draw(st.integers(0, len(kind.header) - 1))
    row, fills = [*kind.rows[at]], data.draw(st.booleans())
    if data.draw(st.booleans()):
        del row[place]
        row += [""] * fills
    else:
        row.insert(place, "")
        del row[len(kind.header) if fills else len(row) :]
    rows = [*kind.rows]
    rows[at] = row

    check(kind, as_csv(rows, header=kind.header), {kind.ids[at]})


@settings(fuzz, max_examples=EXAMPLES * 2)
@given(st.sampled_from(HEADER), st.text(max_size=30))
def test_any_text_in_any_cell_is_read_or_refused(column, text):
    row = make_row()
    row[HEADER.index(column)] = text.encode("utf-8", "replace").decode()

    read(ORDERS, as_csv([row, make_row(Order_ID="579100000000000222")]))


@of_each_kind
@fuzz
@given(data=st.data())
def test_a_damaged_workbook_never_breaks_the_reader(kind, data):
    content = bytearray(as_xlsx(kind.rows, header=kind.header, name="Template"))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    read(kind, bytes(content))


@of_each_kind
def test_a_file_cut_off_anywhere_holds_whole_items_or_is_refused(kind):
    whole = undamaged(kind)
    for end in range(1, len(kind.content), 61):
        found = read(kind, kind.content[:end])
        last = "" if found is None else list(found.items)[-1:]
        for key, item in found.items.items() if found else ():
            assert item == whole.items[key] or [key] == last


@pytest.mark.parametrize("end", range(0, len(WORKBOOK), 97))
def test_a_workbook_cut_off_is_refused(end):
    assert read(ORDERS, WORKBOOK[:end]) is None
