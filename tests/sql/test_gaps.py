"""`gaps.sql` on small archives by hand: which numbers of which source never came."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sinks.gaps import Gap, gaps
from tests.sql.events import event, table

Numbered = Iterable[tuple[str, str]]  # (id, sequence), in the order of arrival


def _gaps(folder: Path, *sources: tuple[str, Numbered]) -> list[Gap]:
    raws = [
        event("contact.arrived", n, key, source=source, key=key, sequence=sequence)
        for source, numbered in sources
        for n, (key, sequence) in enumerate(numbered)
    ]
    path = folder / "events.parquet"
    pq.write_table(table(raws), path)
    return gaps([path])


def _spans(folder: Path, *sequences: str) -> list[tuple[int | None, int | None, int | None]]:
    """The missing spans of one source of which each event has an id of its own."""
    found = _gaps(folder, ("acd", [(f"e{n}", text) for n, text in enumerate(sequences)]))
    assert {gap.counts for gap in found} == {True}
    assert {gap.numbers for gap in found} == {len({int(text) for text in sequences})}
    return [(gap.first, gap.last, gap.missing) for gap in found]


NONE = [(None, None, None)]


@pytest.mark.parametrize(
    ("sequences", "expected"),
    [
        (("7",), NONE),
        (("7", "8", "9"), NONE),
        (("1", "3"), [(2, 2, 1)]),
        (("9", "1", "4", "3"), [(2, 2, 1), (5, 8, 4)]),
        (("10", "9", "8", "7"), NONE),
        (("000000000007", "8", "0010"), [(9, 9, 1)]),
        (("0" * 40, "2"), [(1, 1, 1)]),
        (("0", "00", "1")[::2], NONE),
    ],
)
def test_numbers_between_two_that_came_are_missing(
    tmp_path: Path, sequences: tuple[str, ...], expected: list[tuple[int, int, int]]
) -> None:
    assert _spans(tmp_path, *sequences) == expected


def test_numbers_may_be_very_long(tmp_path: Path) -> None:
    last = 10**38 - 1
    assert _spans(tmp_path, "1", str(last)) == [(2, last - 1, last - 2)]
    assert _spans(tmp_path, f"00{last - 3}", str(last)) == [(last - 2, last - 1, 2)]


def test_an_event_that_comes_again_is_the_same(tmp_path: Path) -> None:
    (found,) = _gaps(tmp_path, ("acd", [("a", "1"), ("b", "2"), ("a", "1"), ("a", "01")]))
    assert found == Gap("acd", 2, 0, 0, None, None, None)


def test_a_source_that_gives_one_number_to_several_events_is_no_counter(tmp_path: Path) -> None:
    (found,) = _gaps(tmp_path, ("acd", [("a", "1"), ("b", "1"), ("c", "5"), ("d", "9")]))
    assert found == Gap("acd", 3, 1, 0, None, None, None, (1,))
    assert not found.counts


def test_events_without_a_number_are_counted_apart(tmp_path: Path) -> None:
    longer = "1" * 39
    numbered = [("a", "1"), ("b", ""), ("c", "12/3"), ("d", longer), ("e", "-2"), ("f", "4")]
    (found,) = _gaps(tmp_path, ("acd", numbered))
    assert found == Gap("acd", 2, 0, 4, 2, 3, 2)
    (silent,) = _gaps(tmp_path, ("acd", [("a", ""), ("b", "x")]))
    assert (silent, silent.counts) == (Gap("acd", 0, 0, 2, None, None, None), False)


def test_every_source_has_its_own_counter(tmp_path: Path) -> None:
    found = _gaps(
        tmp_path,
        ("b", [("a", "1"), ("b", "3")]),
        ("a", [("a", "2"), ("b", "5"), ("c", "7")]),
        ("c", [("a", "2"), ("b", "3")]),
    )
    assert [(gap.source, gap.first, gap.last) for gap in found] == [
        ("a", 3, 4),
        ("a", 6, 6),
        ("b", 2, 2),
        ("c", None, None),
    ]


def test_nothing_that_came_has_no_source(tmp_path: Path) -> None:
    assert gaps([]) == []
    pq.write_table(table([b"no event"]), tmp_path / "events.parquet")
    assert gaps([tmp_path / "events.parquet"]) == []


def test_the_first_of_shared_numbers_are_told(tmp_path: Path) -> None:
    numbered = [(f"{n}/{copy}", f"{n}") for copy in range(2) for n in (11, 9, 2, 30, 4, 7, 12)]
    (found,) = _gaps(tmp_path, ("acd", [*numbered, ("last", "99")]))
    assert (found.shared, found.first_shared) == (7, (2, 4, 7, 9, 11))
