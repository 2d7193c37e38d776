"""The difference of a figure between two periods, taken apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction

from msgspec import Struct

from schemas.board import Figure
from schemas.definitions import Definitions, Edition
from schemas.errors import DeadLetter
from schemas.measures import Kind, Measure
from schemas.reference import Reference
from streams.commands.questions import ask_all
from streams.core.editions import versions_at
from streams.core.figures import Ratio
from streams.core.mix import Parts, counts, rate, rates
from streams.home import Home
from streams.runtimes.asking import Request

_Groups = dict[str | None, Ratio]
_ADD_UP = frozenset({Kind.COUNT, Kind.RATIO, Kind.MEAN})


class Side(Struct, frozen=True, kw_only=True):
    """The figure of one of the periods; `version` is that of its measure."""

    start: date
    end: date
    version: int
    ratio: Ratio


class Redefined(Struct, frozen=True, kw_only=True):
    """What a change of definition does by itself: the later of the periods by both versions."""

    start: date
    before: Side
    after: Side
    numerator: int
    rate: Fraction


class Difference(Struct, frozen=True, kw_only=True):
    """A figure less that of another period, in one zone.

    Attributes:
        zone: of both.
        then, now: each by the version in force.
        redefined: null where both are of one version.
        version: by which the parts are counted in both periods.
        parts: volume, mix and change within groups.
    """

    zone: str
    then: Side
    now: Side
    redefined: Redefined | None
    version: int
    parts: Parts


def between(
    home: Home,
    named: Reference,
    other: tuple[date, date],
    definitions: Definitions,
    mix: str,
) -> list[Difference]:
    """The difference of a figure and that of other days, by the groups of a dimension.

    The live state is asked for both, and for both versions where there are two, at one moment.

    Raises:
        DeadLetter: the figure cannot be taken apart, or is unknown in one of the periods.
    """
    there = replace(named, start=other[0], end=other[1])
    sides = [_edition(there, definitions), _edition(named, definitions)]
    _check(named, sides[0].measure, mix)
    first = sides[0] if there.start <= named.start else sides[1]
    asked = [(there, sides[0]), (named, sides[1]), (there, first), (named, first)]
    requests = [_request(place, edition, definitions, mix) for place, edition in asked]
    by_zone = [_by_zone(named, mix, found) for found in ask_all(home, requests, "live")]
    zones = sorted(by_zone[0].keys() & by_zone[1].keys())
    if not zones:
        msg = f"{named}: nothing was counted in one of the two periods, so it is unknown"
        raise DeadLetter(msg)
    return [_difference(zone, asked, [found.get(zone, {}) for found in by_zone]) for zone in zones]


def _edition(named: Reference, definitions: Definitions) -> Edition:
    version = "" if named.version is None else f"@{named.version}"
    return versions_at(definitions, f"{named.measure}{version}", named.start)[0]


def _check(named: Reference, measure: Measure, mix: str) -> None:
    if measure.kind not in _ADD_UP:
        msg = f"{named}: a {measure.kind} does not add up over groups and cannot be taken apart"
        raise DeadLetter(msg)
    if mix in named.dims:
        msg = f"--mix {mix}: the figure is of one {mix} already; name another dimension"
        raise DeadLetter(msg)


def _request(named: Reference, edition: Edition, definitions: Definitions, mix: str) -> Request:
    name = f"{named.measure}@{edition.number}"
    by = (*named.dims, mix)
    return Request(named.start, named.end, None, by, (name,), definitions=definitions)


def _by_zone(named: Reference, mix: str, found: Iterable[Figure]) -> dict[str, _Groups]:
    zones: dict[str, _Groups] = {}
    for figure in found:
        dims = {name: value for name, value in figure.dimensions.items() if name != mix}
        if dims == named.dims and figure.numerator is not None:
            ratio = Ratio(figure.numerator, figure.denominator)
            zones.setdefault(figure.period.zone, {})[figure.dimensions[mix]] = ratio
    return zones


def _difference(
    zone: str, asked: list[tuple[Reference, Edition]], groups: list[_Groups]
) -> Difference:
    sides = [_side(*pair, found) for pair, found in zip(asked, groups, strict=True)]
    then, now, then_by, now_by = sides
    edition = asked[2][1]
    return Difference(
        zone=zone,
        then=then,
        now=now,
        redefined=next(_redefined((then_by, then, -1), (now_by, now, 1)), None),
        version=edition.number,
        parts=_parts(edition.measure, groups[2], groups[3]),
    )


def _side(named: Reference, edition: Edition, groups: _Groups) -> Side:
    numerator = sum(ratio.numerator or 0 for ratio in groups.values())
    denominator = sum(ratio.denominator or 0 for ratio in groups.values())
    ratio = Ratio(numerator, denominator if edition.measure.denominator else None)
    return Side(start=named.start, end=named.end, version=edition.number, ratio=ratio)


def _redefined(*sides: tuple[Side, Side, int]) -> Iterator[Redefined]:
    """The period that is counted by a version that the other has not, if there is one."""
    for before, after, sign in sides:
        if before.version != after.version:
            yield Redefined(
                start=after.start,
                before=before,
                after=after,
                numerator=sign * ((after.ratio.numerator or 0) - (before.ratio.numerator or 0)),
                rate=sign * (rate(after.ratio) - rate(before.ratio)),
            )


def _parts(measure: Measure, then: _Groups, now: _Groups) -> Parts:
    if measure.kind is Kind.COUNT:
        return counts(then, now)
    found = rates(then, now)
    if found is None:
        msg = f"{measure.id} is unknown in one of the two periods: nothing is in its denominator"
        raise DeadLetter(msg)
    return found
