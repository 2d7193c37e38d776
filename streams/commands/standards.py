"""Service standards and commitments: met, not met, or not applicable, with the reason.

A standard is judged over the whole period asked for (by default, the fiscal year to date). A
commitment is judged over the fiscal year that ends when it falls due. That something was done
and that a result was reached are shown apart. Where no standard was set, that is said.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

import msgspec

from schemas.board import Figure
from schemas.departments import zone_of
from schemas.errors import DeadLetter
from schemas.measures import MEASURES
from schemas.periods import day_of
from schemas.standards import (
    STANDARDS,
    Action,
    Commitment,
    Standard,
    Unset,
    Verdict,
    applies,
    judge,
)
from streams.clock import now_ms
from streams.commands.measures import ask_for
from streams.commands.options import day
from streams.core.comparing import fiscal_year_start
from streams.embedded import Embedded
from streams.runtimes.asking import Request


class _NoFigure(NamedTuple):
    numerator: int | None = None
    denominator: int | None = None
    status: str | None = None


NO_FIGURE = _NoFigure()


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one standard, commitment, action, or channel without a standard."""

    id: str
    kind: str
    department: str
    name: str
    period: str
    measure: str | None = None
    numerator: int | None = None
    denominator: int | None = None
    value: int | str | None = None
    target: str | None = None
    result: str
    reason: str
    status: str | None = None
    source: str


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--from", dest="start", type=day, help="first local day (1 April)")
    parser.add_argument("--to", dest="end", type=day, help="the day after the last (tomorrow)")
    parser.add_argument("--department", help="only of this one")
    parser.add_argument("--lang", choices=("en", "fr"), default="en", help="of the names")
    parser.add_argument("--format", choices=("table", "json"), default="table")


def run(args: Namespace) -> int:
    """Judge, and print."""
    end = args.end or day_of(zone_of(None), now_ms()) + timedelta(days=1)
    start = args.start or fiscal_year_start(end - timedelta(days=1))
    if end <= start:
        msg = f"--to {end} must be after --from {start}"
        raise DeadLetter(msg)
    rows = [
        row
        for row in rows_of(Embedded(args.data), start, end, args.lang)
        if args.department in (None, row.department)
    ]
    if args.format == "json":
        print(msgspec.json.format(msgspec.json.encode(rows)).decode())
    else:
        print("\n\n".join(map(_words, rows)))
    return 0


def rows_of(home: Embedded, start: date, end: date, lang: str = "en") -> Iterator[Row]:
    """Every standard over [start, end), and every commitment, in the order of the table."""
    home.check()
    for standard in STANDARDS.standard:
        yield _standard(home, standard, start, end, lang)
    for unset in STANDARDS.unset:
        yield _unset(unset, start, end, lang)
    for commitment in STANDARDS.commitment:
        yield _commitment(home, commitment, lang)
    for action in STANDARDS.action:
        yield _action(home, action, end, lang)


def _standard(home: Embedded, row: Standard, start: date, end: date, lang: str) -> Row:
    why = applies(row, start, end)
    figure = None if why else _figure(home, row, start, end, row.where)
    return _row(row, "standard", f"{start} to {end}", lang, figure, why)


def _commitment(home: Embedded, row: Commitment, lang: str) -> Row:
    figure = _figure(home, row, row.since, row.due + timedelta(days=1), {})
    why = f"not due until {row.due}" if figure and figure.status == "live" else ""
    return _row(row, "commitment", f"{row.since} to {row.due}", lang, figure, why)


def _row(
    row: Standard | Commitment, kind: str, period: str, lang: str, figure: Figure | None, why: str
) -> Row:
    value = None if figure is None or figure.value is None else str(figure.value)
    found = figure or NO_FIGURE
    verdict = Verdict("NA", why) if why else judge(row, MEASURES[row.measure].version, value)
    return Row(
        id=row.id,
        kind=kind,
        department=row.department,
        name=getattr(row, lang).name,
        period=period,
        measure=f"{row.measure}, version {row.measure_version}",
        numerator=found.numerator,
        denominator=found.denominator,
        value=value,
        target=row.target,
        result=verdict.result,
        reason=verdict.reason,
        status=found.status,
        source=row.source,
    )


def _figure(
    home: Embedded, row: Standard | Commitment, start: date, end: date, where: dict[str, str]
) -> Figure | None:
    """The figure that is judged; null where nothing was counted."""
    wanted = {"department": row.department, "channel": row.channel, **where}
    request = Request(start, end, None, tuple(wanted), (row.measure,))
    return next((f for f in ask_for(home, request, "live") if f.dimensions == wanted), None)


def _unset(row: Unset, start: date, end: date, lang: str) -> Row:
    return Row(
        id=f"{row.department}.{row.channel}",
        kind="none",
        department=row.department,
        name=getattr(row, lang).name,
        period=f"{start} to {end}",
        result="NA",
        reason="no standard set" if lang == "en" else "aucune norme établie",
        source=row.source,
    )


def _action(home: Embedded, row: Action, end: date, lang: str) -> Row:
    """Done by its day, or not; for callbacks, also how many were offered since."""
    by_day = row.done is not None and row.done <= row.due
    said = f"done {row.done}, due {row.due}" if row.done else f"due {row.due}; no source says done"
    offered = _offered(home, row, end) if row.kind == "callback" else None
    seen = "" if offered is None else f"; callbacks offered since: {offered:,}"
    return Row(
        id=row.id,
        kind="action",
        department=row.department,
        name=getattr(row, lang).name,
        period=f"by {row.due}",
        result="met" if by_day else "not met" if row.done else "NA",
        reason=said + seen,
        source=row.source,
    )


def _offered(home: Embedded, row: Action, end: date) -> int:
    """Callbacks offered in a line of business from its day on: what the events themselves say."""
    since = row.done or row.due
    if end <= since:
        return 0
    by = ("department", "program")
    request = Request(since, end, None, by, ("callback.offered",))
    named = {action.program for action in STANDARDS.action if action.program is not None}
    return sum(
        figure.numerator or 0
        for figure in ask_for(home, request, "live")
        if figure.dimensions["department"] == row.department
        and (
            figure.dimensions["program"] == row.program
            if row.program
            else figure.dimensions["program"] not in named
        )
    )


def _words(row: Row) -> str:
    number = ""
    if row.value is not None:
        parts = "" if row.denominator is None else f" ({row.numerator:,} / {row.denominator:,})"
        number = f"\n    {row.measure}: {row.value}{parts}, {row.status}"
    return f"{row.id}: {row.result.upper()}\n    {row.name}, {row.period}\n    {row.reason}{number}"
