"""The gate between figure and publication: live, Beam and SQL, equal to the unit, or blocked.

    vouch gate 2026-01

Every figure of a period is computed three times at one `as_of` and one set of log positions: by
the live state, by the core on Beam from the archive, and by the published SQL. The report is kept
in `gate/`, and where they differ, the contacts behind that in `incidents/`.

Exit status: 0 all agree, and some are final; 1 blocked, since some do not agree; 3 all agree, but
nothing may be published yet: no figure is final, or the evidence is not complete.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from pathlib import Path

import msgspec

from schemas.errors import DeadLetter
from schemas.reference import FORMS, period
from streams.commands import questions
from streams.commands.gaps import several
from streams.commands.intake import catch_up
from streams.commands.patience import patiently
from streams.commands.progress import bar
from streams.commands.questions import request_of
from streams.commands.recompute import engine_of, runner_arguments, shut_in
from streams.core.gating import ENGINES
from streams.gate.completeness import Completeness, Source
from streams.gate.forms import Incident, Integers, Report, Row
from streams.gate.report import Asked
from streams.gate.run import Gated, gate
from streams.home import Home
from streams.recounting.recompute import Engine
from streams.runtimes.asking import Request

NOT_YET = 3
_SHOWN, _REASONS = 20, 8
_STATUS = {"agrees": 0, "blocked": 1, "not yet": NOT_YET}


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("period", metavar="PERIOD", type=_period, help=f"such as {FORMS}")
    questions.arguments(parser)
    runner_arguments(parser)
    parser.add_argument("--format", choices=("table", "json"), default="table")


def _period(text: str) -> str:
    try:
        period(text)
    except DeadLetter as error:
        raise ArgumentTypeError(str(error)) from error
    return text


def run(args: Namespace) -> int:
    """Compare, keep what was found, and say it."""
    shut_in(args)
    args.start, args.end = period(args.period)
    home, request = Home(args.data), request_of(args)
    asked = Asked(
        period=args.period,
        start=args.start,
        end=args.end,
        whole=not args.measure,
        recount=f"beam {args.runner}",
        definitions=request.definitions,
    )
    home.check()
    catch_up(home)
    found = patiently(lambda: _gate(home, request, asked, engine_of(args)))
    if found is None:
        print("No event has come yet: there is nothing to compare.")
        return NOT_YET
    if args.format == "json":
        print(msgspec.json.format(msgspec.json.encode(found.report)).decode())
    else:
        print("\n".join(words_of(args.data, found)))
    return _STATUS[found.report.verdict]


def _gate(home: Home, request: Request, asked: Asked, engine: Engine) -> Gated | None:
    def say(what: str) -> None:
        print(f"vouch gate: {what}", file=sys.stderr, flush=True)

    with bar("folding", None) as advance:
        done = 0

        def told(rows: int) -> None:
            nonlocal done
            advance(rows - done)
            done = rows

        return gate(home, request, asked, engine, say, told)


def words_of(data: Path, found: Gated) -> Iterator[str]:
    """What was found, in lines."""
    report = found.report
    yield f"{report.period}, as of {report.as_of}: {report.start} to {report.end}"
    yield f"{report.agreed:>12,} figures agree, live = Beam = SQL"
    yield f"{report.mismatched:>12,} figures do not"
    yield from _differing([row for row in report.figures if not row.agrees])
    yield f"{report.publishable:>12,} of those that agree are final"
    yield from _waiting(report)
    if report.vanished:
        yield f"{report.vanished:>12,} were recorded as final, and nothing is left of their groups"
    yield from _missing(report.completeness)
    if found.incident is not None:
        yield from _contacts(found.incident)
    yield _VERDICT[report.verdict](report)
    yield f"Kept: {found.path.relative_to(data)}" + (
        f", {report.incident}" if report.incident else ""
    )


def _waiting(report: Report) -> Iterator[str]:
    reasons = sorted(report.waiting.items(), key=lambda item: -item[1])
    yield from (f"{many:>12,} are not: {why}" for why, many in reasons[:_REASONS])
    if rest := sum(many for _, many in reasons[_REASONS:]):
        yield f"{rest:>12,} are not, for {len(reasons) - _REASONS:,} other reasons"


def _differing(rows: list[Row]) -> Iterator[str]:
    for row in rows[:_SHOWN]:
        said = (f"{engine} {_integers(row.readings[engine])}" for engine in ENGINES)
        yield f"{'':>14}{row.figure}: {', '.join(said)}"
    if len(rows) > _SHOWN:
        yield f"{'':>14}and {len(rows) - _SHOWN:,} more (--format json has all)"


def _integers(reading: Integers | None) -> str:
    if reading is None:
        return "none"
    numerator, denominator = ("unknown" if n is None else f"{n:,}" for n in reading)
    return numerator if reading[1] is None else f"{numerator}/{denominator}"


def _contacts(incident: Incident) -> Iterator[str]:
    many = len(incident.contacts)
    if many:
        more = f" and {many - _SHOWN:,} more" if many > _SHOWN else ""
        yield f"Contacts that differ: {', '.join(incident.contacts[:_SHOWN])}{more}"
    said = sorted({figure.words for figure in incident.figures})
    yield from (f"  {words}" for words in said[:_SHOWN])


def _missing(complete: Completeness) -> Iterator[str]:
    for source in complete.sources:
        yield f"  {source.source}: {_numbered(source)}"
    for row in complete.totals:
        yield f"  {row.authority}: {row.equal:,} declared totals equal ours, {row.apart:,} do not"
    if not complete.totals:
        yield "  nobody declared a total of this period"
    yield from (f"  lost before it was archived: {words}" for words in complete.lost)
    yield f"  {complete.beyond:,} rows are counted and not archived yet"


def _numbered(source: Source) -> str:
    if not source.numbers:
        return "cannot be checked, its events carry no number"
    if source.missing is None:
        first = ", ".join(map(str, source.first_shared))
        return f"cannot be checked, {several(source.shared, source.numbers)}, such as {first}"
    if not source.missing:
        return f"none missing beside {source.numbers:,} that came"
    parts = {"dead letters": source.explained, "other periods": source.elsewhere}
    told = [f"{words} {many:,}" for words, many in parts.items() if many]
    spans = [f"{first}" if first == last else f"{first} to {last}" for first, last in source.spans]
    where = f" ({', '.join(spans[:_SHOWN])})" if spans else ""
    told.append(f"not explained {source.unexplained or 0:,}{where}")
    return f"{source.missing:,} missing beside {source.numbers:,} that came: {', '.join(told)}"


def _not_yet(report: Report) -> str:
    why = []
    if not report.publishable:
        why.append("no figure is final" if report.agreed else "there is no figure")
    if not report.completeness.complete:
        why.append("the evidence is not complete")
    return f"All agree, but nothing may be published yet: {' and '.join(why)}."


_VERDICT = {
    "agrees": lambda _: "Live, Beam and SQL agree to the unit.",
    "blocked": lambda _: "Blocked: live, Beam and SQL do not agree.",
    "not yet": _not_yet,
}
