"""The report of a gate: what was compared, at which moment, and what may be said of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct

from schemas.board import Figure
from schemas.definitions import Definitions
from schemas.instants import instant
from schemas.periods import local
from sinks.archive.entry import digest
from sinks.archive.reader import chains, tail
from streams.core.figures import Ratio
from streams.core.gating import ENGINES, Compared
from streams.finals.basis import basis_of
from streams.gate.completeness import Completeness
from streams.gate.forms import Integers, Report, Row, Tail
from streams.gate.moment import Grouping, Moment
from streams.tracing.naming import reference_of


class Asked(Struct, frozen=True, kw_only=True):
    """What a gate was asked for."""

    period: str
    start: date
    end: date
    whole: bool
    recount: str
    definitions: Definitions


def report(
    data: Path,
    archive: Path,
    asked: Asked,
    moment: Moment,
    compared: Sequence[tuple[Grouping, Sequence[Compared]]],
    complete: Completeness,
    incident: str | None,
) -> Report:
    """All of it; `incident` names the file, where there is one."""
    rows = [_row(moment, grouping, one) for grouping, found in compared for one in found]
    mismatched = sum(not row.agrees for row in rows)
    ready = sum(row.agrees and not row.why for row in rows)
    publishes = ready and complete.complete
    basis = basis_of(data, asked.definitions, moment.log, moment.positions, moment.as_of)
    figures = [figure for grouping, _ in compared for figure in grouping.figures.values()]
    bases = {f"{f.measure}@{f.version}": basis(f) for f in _one_of_each(figures)}
    first = next(iter(bases.values()), None)
    return Report(
        period=asked.period,
        start=asked.start.isoformat(),
        end=asked.end.isoformat(),
        as_of=instant(moment.as_of),
        whole=asked.whole,
        verdict="blocked" if mismatched else "agrees" if publishes else "not yet",
        agreed=len(rows) - mismatched,
        mismatched=mismatched,
        publishable=ready,
        waiting=dict(sorted(Counter(row.why for row in rows if row.why).items())),
        vanished=len(set(_vanished(compared))),
        incident=incident,
        log=moment.log,
        positions=moment.positions,
        beyond=complete.beyond,
        tails=_tails(archive),
        groupings=[[*grouping.question.by] for grouping, _ in compared],
        recount=asked.recount,
        completeness=complete,
        definitions={name: row.definition for name, row in sorted(bases.items())},
        tables={
            name: getattr(first, name)
            for name in ("calendars", "hours", "standards", "rules")
            if first is not None
        },
        figures=rows,
    )


def _one_of_each(figures: Iterable[Figure]) -> list[Figure]:
    return [*{(figure.measure, figure.version): figure for figure in figures}.values()]


def _vanished(compared: Iterable[tuple[Grouping, Sequence[Compared]]]) -> Iterable[int]:
    """Figures that were recorded as final and are unknown now, since their group is empty."""
    for grouping, found in compared:
        here = {id(grouping.worded(one.measure, one.group)) for one in found}
        for figure in grouping.figures.values():
            if figure.status == "restated" and id(figure) not in here:
                yield id(figure)


def _row(moment: Moment, grouping: Grouping, one: Compared) -> Row:
    figure, (span, dims) = grouping.worded(one.measure, one.group), one.group
    return Row(
        figure=named(grouping, one),
        measure=one.measure.id.partition("@")[0],
        version=one.measure.version,
        start=local(span.zone, span.start_ms),
        end=local(span.zone, span.end_ms),
        zone=span.zone,
        dimensions=dict(zip(grouping.question.by, dims, strict=True)),
        readings=by_engine(one.readings),
        agrees=one.agrees,
        status=figure.status if figure else None,
        why=moment.unsettled(figure),
    )


def by_engine(readings: Iterable[Ratio | None]) -> dict[str, Integers | None]:
    """Readings under the names of their engines."""
    plain = (None if ratio is None else (ratio.numerator, ratio.denominator) for ratio in readings)
    return dict(zip(ENGINES, plain, strict=True))


def named(grouping: Grouping, one: Compared) -> str:
    """The reference of a figure, with its version."""
    measure = one.measure.id.partition("@")[0]
    return reference_of(measure, one.measure.version, one.group, grouping.question.by)


def _tails(archive: Path) -> list[Tail]:
    found = ((c, tail(archive, c.log_id, c.topic, c.partition)) for c in chains(archive))
    return [Tail(chain=str(c), seq=entry.seq, sha256=digest(entry)) for c, entry in found if entry]
