"""The checker finds what is planted into a made-up run, and nothing in a sound one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from schemas.topics import partition_of
from tests.e2e.folder import call
from tests.faults.checker import Evidence, check, figures
from tests.faults.history import History, Past, read

CALL = call("2026-01-05T14:00", "c1")
AT = partition_of("c1")
BAD, POISON = b'{"id":"x","subject":"c1","time":"yesterday"}', b"\x00poison"


def _hash(value: bytes) -> str:
    return sha256(value).hexdigest()


@pytest.fixture
def past(tmp_path: Path) -> Past:
    """A call sent twice, since the first answer did not come; then a bad event; then poison."""
    history = History(tmp_path / "history.jsonl")
    history.answer(history.attempt(CALL), 0, "reset by peer")
    history.done("kill", "gateway")
    history.answer(history.attempt(CALL), 200)
    history.answer(history.attempt([CALL[0], BAD]), 422, "{}", refused=[1])
    history.answer(history.attempt([POISON], direct=True), 200)
    history.close()
    return read(history.path)


def _evidence(past: Past, values: list[bytes], **more: Any) -> Evidence:
    rows = {AT: list(enumerate(values))}
    sound = Evidence(
        past=past,
        partitions=12,
        archived=rows,
        ends={number: (0, len(rows.get(number, ()))) for number in range(12)},
        letters=Counter([_hash(BAD), _hash(POISON)]),
        poison=frozenset([_hash(POISON)]),
        compared={"figures": {"clean": {"served": (1, 1, 1)}, "live": {"served": (1, 1, 1)}}},
    )
    return replace(sound, **more)


SOUND = [*CALL, CALL[0], POISON]


def test_a_sound_run_has_no_finding(past: Past) -> None:
    assert check(_evidence(past, SOUND)) == []


def test_what_was_sent_twice_and_answered_once_may_be_stored_twice(past: Past) -> None:
    assert check(_evidence(past, [*CALL, *SOUND])) == []


def test_the_history_counts_attempts_answers_and_faults(past: Past) -> None:
    assert past.sent[_hash(CALL[0])] == 3
    assert past.acknowledged[_hash(CALL[0])] == 2
    assert past.acknowledged[_hash(BAD)] == 0
    assert past.refused == Counter([_hash(BAD)])
    assert past.faults == Counter([("kill", "gateway")])


@pytest.mark.parametrize("place", range(len(CALL)))
def test_a_lost_event_is_found(past: Past, place: int) -> None:
    values = [value for at, value in enumerate(SOUND) if at != place]
    found = check(_evidence(past, values))
    assert any(said.startswith("lost: 1 acknowledged") for said in found)


def test_an_event_replaced_by_another_is_lost_and_doubled(past: Past) -> None:
    found = check(_evidence(past, [CALL[1], *CALL[1:], CALL[0], CALL[1], POISON]))
    assert any(said.startswith("lost: 1") for said in found)
    assert any(said.startswith("doubled: ") for said in found)


def test_a_row_that_nobody_sent_is_found(past: Past) -> None:
    stranger = call("2026-01-05T15:00", "c1")[0]
    assert any("was sent 0 times" in said for said in check(_evidence(past, [*SOUND, stranger])))


def test_an_offset_that_is_there_twice_is_found(past: Past) -> None:
    rows = {AT: sorted([*enumerate(SOUND), (1, SOUND[1])])}
    found = check(_evidence(past, SOUND, archived=rows))
    assert f"offset 1 of partition {AT} is there twice" in found


@pytest.mark.parametrize("place", [0, 2, len(SOUND) - 1])
def test_a_hole_is_found(past: Past, place: int) -> None:
    rows = {AT: [row for row in enumerate(SOUND) if row[0] != place]}
    found = check(_evidence(past, SOUND, archived=rows))
    assert f"offsets {place} to {place} of partition {AT} are missing" in found


def test_a_hole_that_is_recorded_is_a_loss_that_was_told(past: Past) -> None:
    rows = {AT: list(enumerate(SOUND))[1:]}
    assert check(_evidence(past, SOUND, archived=rows, gaps={AT: [(0, 1)]})) == []


def test_a_recorded_gap_excuses_no_more_than_its_length(past: Past) -> None:
    rows = {AT: list(enumerate(SOUND))[2:]}
    found = check(_evidence(past, SOUND, archived=rows, gaps={AT: [(0, 1)]}))
    assert any(said.startswith("lost: 1") for said in found)
    assert f"offsets 1 to 1 of partition {AT} are missing" in found


def test_a_gap_over_rows_that_are_there_is_found(past: Past) -> None:
    found = check(_evidence(past, SOUND, gaps={AT: [(0, 1)]}))
    assert any("is there twice" in said for said in found)


def test_a_partition_of_another_contact_is_found(past: Past) -> None:
    other = (AT + 1) % 12
    ends = {AT: (0, 0), other: (0, len(SOUND))}
    found = check(_evidence(past, SOUND, archived={other: list(enumerate(SOUND))}, ends=ends))
    assert any("belongs to another: c1" in said for said in found)


@pytest.mark.parametrize("value", [BAD, POISON])
def test_a_missing_dead_letter_is_found(past: Past, value: bytes) -> None:
    letters = Counter(_hash(other) for other in (BAD, POISON) if other != value)
    assert f"no dead letter of {_hash(value)[:12]}" in check(
        _evidence(past, SOUND, letters=letters)
    )


def test_a_wrong_a_missing_and_an_additional_figure_are_found(past: Past) -> None:
    clean: dict[str, tuple[object, ...]] = {"served": (1, 1, 1), "lost": (0, 1, "0.0")}
    live: dict[str, tuple[object, ...]] = {"served": (2, 1, 2), "other": (1, 1, 1)}
    found = check(_evidence(past, SOUND, compared={"figures": {"clean": clean, "live": live}}))
    assert [said.rpartition(" of ")[2] for said in found] == ["lost", "other", "served"]


def test_a_wrong_record_is_found(past: Past) -> None:
    records = {"clean": {"c1": b"{}"}, "topic": {"c1": b'{"revision":2}'}}
    (found,) = check(_evidence(past, SOUND, compared={"records": records}))
    assert found.startswith("records: topic says") and found.endswith(" of c1")


def test_a_fault_that_a_command_names_is_a_finding(past: Past) -> None:
    assert check(_evidence(past, SOUND, said=["FAULT torn"])) == ["FAULT torn"]


def test_figures_are_told_apart_by_all_that_names_them() -> None:
    row = {
        "measure": "served",
        "version": 1,
        "period": {"start": "a", "end": "b", "zone": "z"},
        "dimensions": {"queue": "q"},
        "as_of": "now",
        "numerator": 1,
        "denominator": None,
        "value": 1,
    }
    other = {**row, "dimensions": {"queue": "r"}, "value": 2}
    found = figures(msgspec.json.encode([row, other]))
    assert sorted(found.values(), key=str) == [(1, None, 1), (1, None, 2)]
