"""The gate: one moment, three engines, one report, and an incident where they differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import msgspec

from schemas.instants import instant
from sinks.archive.lost import losses
from sinks.gaps import gaps
from streams.core.figures import Answer
from streams.core.gating import LIVE, RECOUNT, SQL, Compared, compare
from streams.gate.completeness import Completeness, completeness, of_period
from streams.gate.engines import by_recount, by_sql
from streams.gate.files import GATE, INCIDENTS, kept
from streams.gate.forms import Incident, Report
from streams.gate.incident import incident
from streams.gate.letters import refused
from streams.gate.moment import Grouping, Moment, moment
from streams.gate.report import Asked, report
from streams.gate.spans import concerning
from streams.home import Home
from streams.recounting.evidence import Evidence, evidence
from streams.recounting.recompute import Engine, Told
from streams.runtimes.asking import Request, one_moment

DEFAULT = (("department",), ("department", "program", "channel", "language"))
Say = Callable[[str], None]


class Gated(NamedTuple):
    """What was found, and where the report is kept."""

    report: Report
    path: Path
    incident: Incident | None


def gate(
    home: Home, request: Request, asked: Asked, engine: Engine, say: Say, told: Told
) -> Gated | None:
    """Compare all figures of a request, by the default groupings and its own; keep what was found.

    Args:
        home: the data folder.
        request: its `by` and grain make a third grouping.
        asked: the same in the words of the report.
        engine: where Beam runs.
        say: hears what begins.
        told: hears how many rows Beam has folded.

    Returns:
        What was found; None before the first event.

    Raises:
        Retry: the partitions are not at one clock just now, or the log has moved on; ask again.
        Stop: the evidence contradicts itself.
    """
    with home.stores() as stores, one_moment(stores):
        say("live")
        found = moment(home, stores, requests_of(request))
        if found is None:
            return None
        with evidence(home, found.positions) as files:
            say("recount by Beam")
            by_beam = by_recount(files, found.groupings, engine, told)
            say("recount by SQL")
            compared = _compared(found.groupings, by_beam, by_sql(files, found.groupings))
            say("completeness")
            complete = _completeness(home, found, files)
            mismatch = any(not one.agrees for _, rows in compared for one in rows)
            if mismatch:
                say("contacts behind what differs")
            opened = incident(asked, found, compared, stores, files)
        path = _keep_incident(home, asked, found, opened) if opened else None
        name = f"{INCIDENTS}/{path.name}" if path else None
        said = report(home.data, home.archive, asked, found, compared, complete, name)
    kept_as = kept(home.data / GATE / asked.period, _stem(found), msgspec.json.encode(said) + b"\n")
    return Gated(said, kept_as, opened)


def _keep_incident(home: Home, asked: Asked, found: Moment, opened: Incident) -> Path:
    text = msgspec.json.format(msgspec.json.encode(opened)) + b"\n"  # people read it
    return kept(home.data / INCIDENTS, f"{asked.period}-{_stem(found)}", text)


def _stem(found: Moment) -> str:
    return instant(found.as_of).replace(":", "-")


def requests_of(request: Request) -> list[Request]:
    """The request by each of the default groupings, and by its own, each once."""
    found = {by: replace(request, by=by, grain=None) for by in DEFAULT}
    own = replace(request, by=request.by or DEFAULT[0])
    if own not in found.values():
        return [*found.values(), own]
    return [*found.values()]


def _compared(
    groupings: Sequence[Grouping], by_beam: Sequence[Answer], by_sql: Sequence[Answer]
) -> list[tuple[Grouping, list[Compared]]]:
    return [
        (grouping, compare(grouping.question, {LIVE: grouping.live, RECOUNT: beam, SQL: sql}))
        for grouping, beam, sql in zip(groupings, by_beam, by_sql, strict=True)
    ]


def _completeness(home: Home, found: Moment, files: Evidence) -> Completeness:
    spans = [span for grouping in found.groupings for span in grouping.question.spans]
    start, end = min(s.start_ms for s in spans), max(s.end_ms for s in spans)
    missing = gaps(files.files)
    with closing(home.log()) as log:
        letters = refused(log)
    here = concerning(missing, files.files, start, end)
    lost = of_period(losses(home.archive), start)
    return completeness(missing, here, letters, found.lines, files.beyond, lost)
