"""What a figure was: in the ledger, in a baseline, in the report of a gate."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from schemas.board import Figure, Period
from schemas.errors import DeadLetter
from schemas.instants import instant, millis
from schemas.reference import reference
from streams.core.basis import Basis
from streams.core.figures import Ratio
from streams.finals import baselines
from streams.finals.baselines import Baseline
from streams.finals.kept import kept
from streams.finals.ledger import Ledger
from streams.gate.completeness import Completeness
from streams.gate.forms import Report, Row

ZONE = "America/Toronto"
NAME = "abandon.rate/2026-01-05/department=ircc"
BASIS = Basis(
    log="l",
    positions=[1, 2],
    as_of=millis("2026-01-20T05:00:00.000Z"),
    definition="d",
    calendars="c",
    hours="h",
    standards="s",
    rules="r",
)
FIGURE = Figure(
    measure="abandon.rate",
    version=1,
    status="final",
    as_of="2026-01-20T00:00:00.250-05:00",
    period=Period("2026-01-05T00:00:00-05:00", "2026-01-06T00:00:00-05:00", ZONE),
    dimensions={"department": "ircc"},
    numerator=2,
    denominator=3,
    value="66.67",
    unit="%",
)


def written(path: Path, basis: Basis, readings: dict[int, tuple[int, int]]) -> Path:
    """The report of a gate that read abandonment by some versions, and nothing else."""
    rows = [
        Row(
            figure=NAME,
            measure=FIGURE.measure,
            version=version,
            start=FIGURE.period.start,
            end=FIGURE.period.end,
            zone=FIGURE.period.zone,
            dimensions=FIGURE.dimensions,
            readings={"live": reading, "recount": None, "sql": None},
            agrees=False,
            status="final",
            why="",
        )
        for version, reading in readings.items()
    ]
    tables = {name: getattr(basis, name) for name in ("calendars", "hours", "standards", "rules")}
    report = Report(
        period="2026-01-05",
        start="2026-01-05",
        end="2026-01-06",
        as_of=instant(basis.as_of),
        whole=False,
        verdict="blocked",
        agreed=0,
        mismatched=1,
        publishable=0,
        waiting={},
        vanished=0,
        incident=None,
        log=basis.log,
        positions=basis.positions,
        beyond=0,
        tails=[],
        groupings=[["department"]],
        recount="local",
        completeness=Completeness(complete=True, sources=[], totals=[], beyond=0),
        definitions={"abandon.rate@1": basis.definition, "abandon.rate@2": "other"},
        tables=tables,
        figures=rows,
    )
    path.write_bytes(msgspec.json.encode(report))
    return path


def test_of_the_ledger_all_that_is_of_the_figure(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    others = [
        replace(FIGURE, measure="funnel.asked"),
        replace(FIGURE, dimensions={"department": "vac"}),
        replace(FIGURE, dimensions={}),
        replace(FIGURE, version=2, in_force=False),
        replace(FIGURE, period=replace(FIGURE.period, end="2026-01-07T00:00:00-05:00")),
    ]
    halifax = replace(FIGURE, period=replace(FIGURE.period, zone="America/Halifax"))
    ledger.record([*others, FIGURE, halifax], "cohort", "final", "", lambda _: BASIS)
    ledger.record([FIGURE], "interval", "final", "")
    changed = replace(FIGURE, denominator=4, status="restated")
    ledger.record([changed], "cohort", "final", "a late switch")
    found = kept(tmp_path, reference(NAME))
    assert [*found] == [ZONE, "America/Halifax"]
    first, second = found[ZONE]
    assert (first.source, first.ratio, first.basis) == ("recorded as final", Ratio(2, 3), BASIS)
    assert first.as_of == BASIS.as_of
    assert second.source == "recorded as restated: a late switch"
    assert (second.ratio, second.basis) == (Ratio(2, 4), None)
    assert second.as_of == BASIS.as_of + 250
    (other,) = kept(tmp_path, reference(NAME.replace("rate/", "rate@2/")))[ZONE]
    assert other.version == 2


def test_a_gate_says_what_the_live_state_said_by_the_highest_version(tmp_path: Path) -> None:
    path = written(tmp_path / "report.json", BASIS, {1: (2, 3), 2: (1, 2)})
    (found,) = kept(tmp_path, reference(NAME), str(path))[ZONE]
    assert (found.version, found.ratio) == (2, Ratio(1, 2))
    assert found.basis == replace(BASIS, definition="other")
    (first,) = kept(tmp_path, reference(NAME.replace("rate/", "rate@1/")), str(path))[ZONE]
    assert (first.version, first.ratio, first.basis) == (1, Ratio(2, 3), BASIS)


def test_a_baseline_does_not_say_what_it_rested_on(tmp_path: Path) -> None:
    start, end = date(2026, 1, 5), date(2026, 1, 6)
    other = replace(FIGURE, measure="funnel.asked")
    saved = Baseline(
        start=start,
        end=end,
        grain=None,
        by=("department",),
        attribution="cohort",
        figures=[other, FIGURE],
    )
    baselines.save(tmp_path, "january", saved)
    (found,) = kept(tmp_path, reference(NAME), "january")[ZONE]
    assert (found.source, found.basis) == ("baseline january", None)


@pytest.mark.parametrize("where", ["finals", "report.json", "no.json", "none"])
def test_what_was_not_kept_is_said(tmp_path: Path, where: str) -> None:
    written(tmp_path / "report.json", BASIS, {1: (2, 3)})
    path = str(tmp_path / where) if where.endswith(".json") else where
    with pytest.raises(DeadLetter, match=r"not among|not in|there is no"):
        kept(tmp_path, reference("abandon.rate/2026-01-06/department=ircc"), path)


def test_what_is_no_report_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[]")
    with pytest.raises(DeadLetter, match="no report of a gate"):
        kept(tmp_path, reference(NAME), str(tmp_path / "x.json"))
