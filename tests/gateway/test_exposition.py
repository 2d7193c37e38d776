"""The exposition: a closed list of metrics, and a golden text."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as classic

from schemas.board import Board, Gated
from sinks.prometheus import METRICS, PREFIX, Exposition
from tests.gateway.support import board, figure

GOLDEN = Path(__file__).parent / "golden" / "exposition.txt"


def exposition(shown: Board) -> Exposition:
    return Exposition(lambda: shown, CollectorRegistry())


def text(shown: Board, tail: dict[int, int] | None = None) -> str:
    return exposition(shown).exposition("", tail or {})[0].decode()


def test_golden() -> None:
    small = board(
        today=[
            figure("funnel.arrived", 12_840),
            figure("answer.rate", "59.61", numerator=5_550, denominator=9_310),
            figure("access.rate", None, numerator=0, denominator=0),
            figure("wait.median", 184, numerator=None, dimensions={"department": None}),
        ],
        gated=[
            Gated(period="2026-01", agreed=2_464, mismatched=0),
            Gated(period="2026-W02", agreed=2_453, mismatched=11),
        ],
    )
    subject = exposition(small)
    subject.accepted(7)
    subject.rejected("invalid", 2)
    subject.answered("/events", 200)
    for seconds in (0.0005, 0.25, 60.0):
        subject.appended(seconds, durable=True)
    subject.appended(9.0, durable=False)
    written, kind = subject.exposition("", {0: 9, 1: 2, 2: 1})
    assert kind.startswith("text/plain; version=0.0.4")
    assert written.decode() == GOLDEN.read_text()


def test_openmetrics_when_asked_for() -> None:
    written, kind = exposition(board()).exposition("application/openmetrics-text;version=1.0.0", {})
    assert kind.startswith("application/openmetrics-text")
    families = openmetrics(written.decode())  # type: ignore[no-untyped-call]
    names = {family.name for family in families}
    assert names == {PREFIX + name for name in METRICS}


def test_the_list_is_closed_and_documented() -> None:
    found = {family.name: family for family in classic(text(board(), {0: 1}))}
    assert set(found) == {PREFIX + name for name in METRICS}
    for name, row in METRICS.items():
        assert row.help.endswith(".")
        assert found[PREFIX + name].documentation == row.help
        assert found[PREFIX + name].type == row.type
        assert name.endswith(row.unit)
        for sample in found[PREFIX + name].samples:
            assert set(sample.labels) - {"le"} == set(row.labels)


def test_unknown_is_absent_and_zero_is_zero() -> None:
    known = text(board(today=[figure("funnel.waiting", 0)]))
    assert 'figure_value{department="ircc",measure="funnel.waiting"' in known
    unknown = text(board(today=[figure("funnel.unexplained", None, numerator=None)], queues=[]))
    assert "funnel.unexplained" not in unknown
    nothing = text(Board())
    assert "\nvouchline_as_of_timestamp_seconds" not in nothing
    assert "\nvouchline_live_lag_events" not in nothing


def test_a_figure_is_the_exact_decimal() -> None:
    for value in ("59.61", "0.07", "383.417", "100.00"):
        shown = board(today=[figure("answer.rate", value)], last_interval=[])
        (line,) = [row for row in text(shown).splitlines() if row.startswith("vouchline_figure_v")]
        assert Decimal(line.split()[-1]) == Decimal(value)


def test_what_the_gate_has_not_compared_is_absent_and_no_incident_is_open() -> None:
    nothing = text(board())
    assert "\nvouchline_gate_agreed_figures" not in nothing
    assert "\nvouchline_gate_mismatched_figures" not in nothing
    assert "\nvouchline_gate_incidents_open 0.0\n" in nothing
    blocked = [Gated(period=f"2026-0{n}", agreed=5, mismatched=n) for n in range(3)]
    assert "\nvouchline_gate_incidents_open 2.0\n" in text(board(gated=blocked))


def test_lag_is_what_has_not_been_read() -> None:
    written = text(board(positions={0: 5, 1: 2}), {0: 9, 1: 1, 2: 3})
    assert "\nvouchline_live_lag_events 7.0\n" in written


def test_hostile_names_are_quoted() -> None:
    shown = board(counters={'answered|a|b="\n\\': 1}, today=[], last_interval=[], queues=[])
    (family,) = [f for f in classic(text(shown)) if f.name == PREFIX + "contacts"]
    assert family.samples[0].labels == {"outcome": "answered", "department": 'a|b="\n\\'}


def test_one_registry_one_exposition() -> None:
    registry = CollectorRegistry()
    Exposition(Board, registry)
    with pytest.raises(ValueError, match="Duplicated"):
        Exposition(Board, registry)
