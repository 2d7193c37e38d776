"""A row of a log is a tuple, unpacked in one order by everyone who reads a log."""

from __future__ import annotations

from schemas.rows import Row


def test_a_row_is_unpacked_in_this_order() -> None:
    offset, intake_ms, key, value = Row(offset=3, intake_ms=5, key="c-1", value=b"{}")
    assert (offset, intake_ms, key, value) == (3, 5, "c-1", b"{}")
