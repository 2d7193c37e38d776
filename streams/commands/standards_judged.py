"""Every standard, commitment and action of a table beside its figure, and what that says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec

from schemas.board import Figure
from schemas.definitions import Definitions
from schemas.measures import MEASURES, relation_of
from schemas.standards import (
    Action,
    Commitment,
    Result,
    Standard,
    Standards,
    Unset,
    Verdict,
    applies,
    judge,
    reason,
)
from streams.commands.questions import ask_all, with_beside
from streams.commands.standards_words import quantity, say, written
from streams.core.standing import waits_for
from streams.gateway.typography import Language, number
from streams.home import Home
from streams.runtimes.asking import Request
from streams.tables.definitions import in_force

_A_DAY = timedelta(days=1)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one standard, commitment, action, or channel without a standard.

    Attributes:
        kind: `standard`, `none` (no standard set), `commitment` or `action`.
        revision: the version of the standard or commitment.
        effective_from, effective_to: first and last day of a standard; without a last, in force.
        start, end: the local days that were judged, half-open; of an action, until it was due.
        value, target: exact decimals, in `unit`.
        reason: why it is met, not met or NA, in the language asked for.
        status, why: of the figure, as `vouch measures` has them; `why` in that language too.
        beside: values of the measures without which this one must not be shown.
    """

    id: str
    kind: str
    department: str
    name: str
    revision: int | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    start: date | None = None
    end: date
    measure: str | None = None
    version: int | None = None
    numerator: int | None = None
    denominator: int | None = None
    value: str | None = None
    unit: str | None = None
    target: str | None = None
    result: Result
    reason: str
    status: str | None = None
    why: str = ""
    beside: dict[str, str | None] = {}
    source: str


@dataclass(frozen=True, slots=True)
class _Asking:
    """What all rows are told in, and over."""

    start: date
    end: date
    language: Language


def judged(home: Home, table: Standards, start: date, end: date, language: Language) -> list[Row]:
    """Every standard over [start, end), every commitment and action, all as of one moment."""
    asking = _Asking(start, end, language)
    promises: list[Standard | Commitment] = [*table.standard, *table.commitment]
    together = _together(promises, asking, in_force(home.data))
    offers = [_offers(row, end) for row in table.action]
    found = ask_all(home, [*together.values(), *offers], "live", language)
    figures = dict(zip(together, found[: len(together)], strict=True))
    rows = [_promise(row, figures[_place(row, asking)], asking) for row in promises]
    standards, commitments = rows[: len(table.standard)], rows[len(table.standard) :]
    of_actions = zip(table.action, found[len(together) :], strict=True)
    actions = [_action(row, table.action, offered, asking) for row, offered in of_actions]
    return [*standards, *(_unset(row, asking) for row in table.unset), *commitments, *actions]


_Place = tuple[date, date, tuple[str, ...]]


def _together(
    promises: Iterable[Standard | Commitment], asking: _Asking, definitions: Definitions
) -> dict[_Place, Request]:
    """One request for all the measures of a period that are split by the same."""
    found: dict[_Place, Request] = {}
    for row in promises:
        place = start, end, by = _place(row, asking)
        before = found[place].measures if place in found else ()
        measures = with_beside((*before, row.measure))
        found[place] = Request(start, end, None, by, measures, definitions=definitions)
    return found


def _place(row: Standard | Commitment, asking: _Asking) -> _Place:
    return (*_days(row, asking), tuple(_where(row)))


def _days(row: Standard | Commitment, asking: _Asking) -> tuple[date, date]:
    if isinstance(row, Standard):
        return asking.start, asking.end
    return row.since, row.due + _A_DAY


def _where(row: Standard | Commitment) -> dict[str, str]:
    """The dimensions of its figure. Phone measures have no other channel, and some calls none."""
    phone = waits_for(relation_of(MEASURES[row.measure])) == "contacts"
    where = row.where if isinstance(row, Standard) else {}
    return {"department": row.department, **({} if phone else {"channel": row.channel}), **where}


def _promise(row: Standard | Commitment, figures: Sequence[Figure], asking: _Asking) -> Row:
    start, end = _days(row, asking)
    outside = applies(row, start, end) if isinstance(row, Standard) else None
    given = [f for f in figures if f.dimensions == _where(row) and not outside]
    figure = _figure(row, given)
    here = {f.measure: f for f in reversed(given)}  # of each the version in force
    value = _value(figure)
    verdict = Verdict("NA", outside) if outside else _verdict(row, figure, value)
    unit = MEASURES[row.measure].unit
    return Row(
        id=row.id,
        kind="standard" if isinstance(row, Standard) else "commitment",
        department=row.department,
        name=written(_words(row, asking.language), asking.language),
        revision=row.version,
        effective_from=row.effective_from if isinstance(row, Standard) else None,
        effective_to=row.effective_to if isinstance(row, Standard) else None,
        start=start,
        end=end,
        measure=row.measure,
        version=figure.version if figure else row.measure_version,
        numerator=figure.numerator if figure else None,
        denominator=figure.denominator if figure else None,
        value=value,
        unit=unit,
        target=row.target,
        result=verdict.result,
        reason=_reason(row, verdict, value or "", unit, asking.language),
        status=figure.status if figure else None,
        why=figure.why if figure else "",
        beside={name: _value(here.get(name)) for name in with_beside([row.measure])[1:]},
        source=row.source,
    )


def _figure(row: Standard | Commitment, given: Sequence[Figure]) -> Figure | None:
    """The figure of a standard's own version, else the one in force, which it does not judge."""
    found = {f.version: f for f in reversed(given) if f.measure == row.measure}
    return found.get(row.measure_version) or next(reversed(found.values()), None)


def _value(figure: Figure | None) -> str | None:
    return None if figure is None or figure.value is None else str(figure.value)


def _verdict(row: Standard | Commitment, figure: Figure | None, value: str | None) -> Verdict:
    """A commitment is not judged before it is due."""
    if isinstance(row, Commitment) and figure is not None and figure.status == "live":
        return Verdict("NA", reason("not_due", day=row.due))
    return judge(row, figure.version if figure else row.measure_version, value)


def _reason(
    row: Standard | Commitment, verdict: Verdict, value: str, unit: str, language: Language
) -> str:
    if verdict.reason is not None:
        return written(getattr(verdict.reason, language), language)
    target = quantity(row.target, unit, language)
    return say(language, row.better, value=quantity(value, unit, language), target=target)


def _unset(row: Unset, asking: _Asking) -> Row:
    return Row(
        id=f"{row.department}.{row.channel}",
        kind="none",
        department=row.department,
        name=written(_words(row, asking.language), asking.language),
        start=asking.start,
        end=asking.end,
        result="NA",
        reason=say(asking.language, "unset"),
        source=row.source,
    )


def _action(
    row: Action, actions: Sequence[Action], figures: Sequence[Figure], asking: _Asking
) -> Row:
    """Done by its day, or not; for callbacks, also how many were offered since."""
    return Row(
        id=row.id,
        kind="action",
        department=row.department,
        name=written(_words(row, asking.language), asking.language),
        end=row.due + _A_DAY,
        result="NA" if row.done is None else "met" if row.done <= row.due else "not met",
        reason="; ".join(_said(row, actions, figures, asking.language)),
        source=row.source,
    )


def _said(
    row: Action, actions: Sequence[Action], figures: Sequence[Figure], language: Language
) -> Iterator[str]:
    due = str(row.due)
    if row.done:
        yield say(language, "done", done=str(row.done), due=due)
    else:
        yield say(language, "not_known", due=due)
    if row.kind == "callback":
        named = {a.program for a in actions if a.department == row.department}
        offered = sum(
            figure.numerator or 0
            for figure in figures
            if figure.dimensions["department"] == row.department
            and _is_of(row, figure.dimensions["program"], named)
        )
        yield say(language, "offered", n=number(offered, language))


def _is_of(row: Action, program: str | None, named: set[str | None]) -> bool:
    """Whether a line of business is the action's: its own, or one that no other action names."""
    return program == row.program if row.program else program not in named


def _offers(row: Action, end: date) -> Request:
    """Callbacks offered from the day of an action on: what the events themselves say."""
    since = row.done or row.due
    by = ("department", "program")
    return Request(since, max(end, since), None, by, ("callback.offered",))


def _words(row: Standard | Commitment | Action | Unset, language: Language) -> str:
    name: str = getattr(row, language).name
    return name
