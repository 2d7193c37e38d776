"""The ledger of final figures, and baselines: what is written stays, and changes say why."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from threading import Barrier, Thread

import msgspec
import pytest
from msgspec.structs import replace

from schemas.board import Figure, Period
from schemas.errors import DeadLetter, Stop
from streams.core.basis import Basis
from streams.core.standing import key_of
from streams.finals import baselines
from streams.finals.baselines import Baseline
from streams.finals.ledger import FILE, Ledger, bases

FIGURE = Figure(
    measure="funnel.arrived",
    version=1,
    status="final",
    as_of="2026-02-20T00:00:00-05:00",
    period=Period("2026-01-01T00:00:00-05:00", "2026-02-01T00:00:00-05:00", "America/Toronto"),
    dimensions={"department": "ircc"},
    numerator=7,
    denominator=None,
    value=7,
    unit="contacts",
)
CHANGED = replace(FIGURE, status="restated", numerator=8, value=8)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path)


def _kinds(ledger: Ledger) -> list[tuple[str, int | None, str]]:
    return [(r.kind, r.figure.numerator, r.reason) for r in ledger.records()]


def test_only_final_figures_are_recorded_and_once(ledger: Ledger) -> None:
    provisional = replace(FIGURE, measure="funnel.asked", status="provisional")
    assert len(ledger.record([FIGURE, provisional], "cohort", "final", "")) == 1
    assert ledger.record([FIGURE], "cohort", "final", "") == []
    assert _kinds(ledger) == [("final", 7, "")]


def test_a_change_needs_a_reason(ledger: Ledger) -> None:
    ledger.record([FIGURE], "cohort", "final", "")
    with pytest.raises(DeadLetter, match="--reason"):
        ledger.record([CHANGED], "cohort", "final", "")
    assert _kinds(ledger) == [("final", 7, "")]
    ledger.record([CHANGED], "cohort", "final", "late facts")
    ledger.record([FIGURE], "cohort", "corrected", "a switch had the wrong clock")
    assert _kinds(ledger) == [
        ("final", 7, ""),
        ("restated", 8, "late facts"),
        ("corrected", 7, "a switch had the wrong clock"),
    ]
    last = ledger.latest()[key_of(FIGURE, "cohort")]
    assert (last.figure.numerator, last.status) == (7, "corrected")
    assert last.reason == last.figure.why == "a switch had the wrong clock"


def test_a_first_record_is_final_whatever_is_said(ledger: Ledger) -> None:
    ledger.record([FIGURE], "cohort", "corrected", "too eager")
    assert _kinds(ledger) == [("final", 7, "")]


def test_what_is_live_again_changes_nothing(ledger: Ledger) -> None:
    """The ledger outlives facts that were lost, and the clock with them."""
    ledger.record([FIGURE], "cohort", "final", "")
    assert ledger.record([replace(CHANGED, status="live")], "cohort", "final", "why") == []


def test_zones_are_recorded_apart(ledger: Ledger) -> None:
    montreal = replace(FIGURE, period=replace(FIGURE.period, zone="America/Montreal"))
    ledger.record([FIGURE], "cohort", "final", "")
    assert len(ledger.record([montreal], "cohort", "final", "")) == 1


def test_attributions_are_recorded_apart(ledger: Ledger) -> None:
    ledger.record([FIGURE], "cohort", "final", "")
    assert len(ledger.record([FIGURE], "interval", "final", "")) == 1


def test_a_line_cut_short_anywhere_is_forgotten(ledger: Ledger, tmp_path: Path) -> None:
    """Whatever a crash leaves of an append: what was acknowledged stays, and work goes on."""
    asked = replace(FIGURE, measure="funnel.asked")
    ledger.record([FIGURE], "cohort", "final", "")
    path = tmp_path / FILE
    before = len(path.read_bytes())
    ledger.record([CHANGED, asked], "cohort", "final", "late facts")
    whole, expected = path.read_bytes(), _kinds(ledger)
    lines = whole.index(b"\n", before), len(whole)
    for end in sorted(
        {*range(before, len(whole), 41), *(n + d for n in lines for d in (-1, 0, 1))}
    ):
        path.write_bytes(whole[:end])
        assert _kinds(ledger) == expected[: whole[:end].count(b"\n")]
        ledger.record([CHANGED, asked], "cohort", "final", "late facts")
        assert path.read_bytes() == whole


def test_what_a_figure_rested_on_is_kept_beside_it(ledger: Ledger) -> None:
    basis = Basis(
        log="l", positions=[7], as_of=1, definition="d", calendars="c", hours="h", standards="s"
    )
    asked = replace(FIGURE, measure="funnel.asked")
    ledger.record([FIGURE], "cohort", "final", "", lambda _: basis)
    ledger.record([asked], "cohort", "final", "")
    assert [record.basis for record in ledger.records()] == [basis, None]
    found = bases(ledger.records())
    assert (found[key_of(FIGURE, "cohort")], found[key_of(asked, "cohort")]) == (basis, None)


def test_a_line_of_before_is_read(ledger: Ledger, tmp_path: Path) -> None:
    """Before versions had histories, and before it was kept what a figure rested on."""
    ledger.record([FIGURE], "cohort", "final", "")
    path = tmp_path / FILE
    line = msgspec.json.decode(path.read_bytes())
    del line["basis"], line["figure"]["in_force"], line["figure"]["breaks"]
    path.write_bytes(msgspec.json.encode(line) + b"\n")
    (record,) = ledger.records()
    assert (record.figure, record.basis) == (FIGURE, None)


def test_a_figure_that_another_version_restates_is_recorded_as_that(ledger: Ledger) -> None:
    ledger.record([FIGURE], "cohort", "final", "")
    second = replace(FIGURE, version=2, status="restated")
    with pytest.raises(DeadLetter, match="--reason"):
        ledger.record([second], "cohort", "final", "")
    ledger.record([second], "cohort", "final", "a new definition")
    assert _kinds(ledger)[1:] == [("restated", 7, "a new definition")]
    assert ledger.record([second], "cohort", "final", "") == []


def test_who_comes_at_the_same_time_waits(tmp_path: Path) -> None:
    """Two records of one final figure cannot be made, nor can one undo another's."""
    together, rounds, crew = Barrier(4), 40, range(4)

    def work(me: int) -> None:
        for n in range(rounds):
            own = replace(FIGURE, dimensions={"queue": f"{me}-{n}"})
            shared = replace(FIGURE, dimensions={"queue": str(n)})
            together.wait()
            Ledger(tmp_path).record([own, shared], "cohort", "final", "")

    threads = [Thread(target=work, args=(me,)) for me in crew]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = Counter(r.figure.dimensions["queue"] for r in Ledger(tmp_path).records())
    expected = {*map(str, range(rounds)), *(f"{me}-{n}" for me in crew for n in range(rounds))}
    assert found == dict.fromkeys(expected, 1)


def test_two_records_of_one_figure_are_read_as_the_last(ledger: Ledger, tmp_path: Path) -> None:
    """No command makes them; a file that somebody put together may hold them."""
    ledger.record([FIGURE], "cohort", "final", "")
    other = Ledger(tmp_path / "other")
    other.record([replace(FIGURE, numerator=9, value=9)], "cohort", "final", "")
    with (tmp_path / FILE).open("ab") as file:
        file.write((tmp_path / "other" / FILE).read_bytes())
    assert ledger.latest()[key_of(FIGURE, "cohort")].figure.numerator == 9


def test_a_damaged_line_stops(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"{}\n")
    with pytest.raises(Stop, match="line 1"):
        ledger.records()


JANUARY = Baseline(
    start=date(2026, 1, 1),
    end=date(2026, 2, 1),
    grain="day",
    by=("department",),
    attribution="cohort",
    figures=[FIGURE],
)


def test_a_baseline_is_kept_and_not_written_over(tmp_path: Path) -> None:
    baselines.save(tmp_path, "january", JANUARY)
    assert baselines.load(tmp_path, "january") == JANUARY
    with pytest.raises(DeadLetter, match="already"):
        baselines.save(tmp_path, "january", replace(JANUARY, figures=[]))
    assert baselines.load(tmp_path, "january") == JANUARY
    with pytest.raises(DeadLetter, match="saved are: january"):
        baselines.load(tmp_path, "february")
    assert [path.name for path in (tmp_path / "baselines").iterdir()] == ["january.json"]


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "previous", "last-year"])
def test_a_baseline_has_a_name_of_its_own(tmp_path: Path, name: str) -> None:
    with pytest.raises(DeadLetter, match="name"):
        baselines.save(tmp_path, name, JANUARY)


def test_a_damaged_baseline_stops(tmp_path: Path) -> None:
    baselines.save(tmp_path, "january", JANUARY)
    (tmp_path / "baselines" / "january.json").write_bytes(b"[")
    with pytest.raises(Stop, match="january"):
        baselines.load(tmp_path, "january")
