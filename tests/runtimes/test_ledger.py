"""The ledger of final figures, and baselines: what is written stays, and changes say why."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from schemas.board import Figure, Period
from schemas.errors import DeadLetter, Stop
from streams import baselines
from streams.core.standing import key_of
from streams.ledger import Ledger

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
    return Ledger(tmp_path / "finals.jsonl")


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
    assert ledger.latest()[key_of(FIGURE, "cohort")] == (7, None, "corrected")


def test_attributions_are_recorded_apart(ledger: Ledger) -> None:
    ledger.record([FIGURE], "cohort", "final", "")
    assert len(ledger.record([FIGURE], "interval", "final", "")) == 1


def test_a_line_cut_short_is_forgotten(ledger: Ledger, tmp_path: Path) -> None:
    ledger.record([FIGURE], "cohort", "final", "")
    path = tmp_path / "finals.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:40])
    assert _kinds(ledger) == [("final", 7, "")]
    ledger.record([CHANGED], "cohort", "final", "late facts")
    assert _kinds(ledger) == [("final", 7, ""), ("restated", 8, "late facts")]


def test_a_damaged_line_stops(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "finals.jsonl").write_bytes(b"{}\n")
    with pytest.raises(Stop, match="line 1"):
        ledger.records()


def test_a_baseline_is_kept_and_not_written_over(tmp_path: Path) -> None:
    baselines.save(tmp_path, "january", [FIGURE])
    assert baselines.load(tmp_path, "january") == [FIGURE]
    with pytest.raises(DeadLetter, match="already"):
        baselines.save(tmp_path, "january", [])
    with pytest.raises(DeadLetter, match="saved are: january"):
        baselines.load(tmp_path, "february")


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden"])
def test_a_baseline_stays_in_its_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(DeadLetter, match="name"):
        baselines.save(tmp_path, name, [])


def test_a_damaged_baseline_stops(tmp_path: Path) -> None:
    baselines.save(tmp_path, "january", [])
    (tmp_path / "baselines" / "january.json").write_bytes(b"[")
    with pytest.raises(Stop, match="january"):
        baselines.load(tmp_path, "january")
