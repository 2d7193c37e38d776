"""An incident: figures on which engines differ, and the contacts behind, by every engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from schemas.instants import instant
from schemas.measures import Kind
from schemas.record import Declaration
from schemas.topics import partition_of
from streams.core.figures import Group, Ratio
from streams.core.gating import (
    ENGINES,
    LIVE,
    RECOUNT,
    SQL,
    Compared,
    Contributions,
    apart,
    is_total,
    lost,
    total,
)
from streams.gate.contributions import MOST, Disputed, contributions, is_across
from streams.gate.forms import By, Contact, Figure, Incident, Total
from streams.gate.known import (
    PARTS,
    Known,
    known_to_core,
    known_to_sql,
    live_folded,
    recount_folded,
    unlike,
)
from streams.gate.moment import Grouping, Moment, Shape
from streams.gate.report import Asked, by_engine, named
from streams.recounting.evidence import Evidence
from streams.runtimes.store import StateStore

FIGURES = CONTACTS = 50


def incident(
    asked: Asked,
    moment: Moment,
    compared: Iterable[tuple[Grouping, Sequence[Compared]]],
    stores: Sequence[StateStore],
    evidence: Evidence,
    most: int = MOST,
) -> Incident | None:
    """What is behind all that differs; None where nothing does.

    Of a figure with more than `most` contacts, no contacts are told.
    """
    every = [Disputed(grouping, one) for grouping, found in compared for one in found]
    disputed = [one for one in every if not one.figure.agrees]
    if not disputed:
        return None
    listed = _spread(disputed)[:FIGURES]
    return _Teller(asked, moment, stores, evidence, listed, most).tell(len(disputed))


def _spread(disputed: Sequence[Disputed]) -> list[Disputed]:
    """First one figure of every group, then the next: no group is left out for another's sake.

    The finest groups come first, since theirs are the fewest contacts.
    """
    rank: Counter[tuple[Shape, Group]] = Counter()
    ranked: list[tuple[int, int, int, Disputed]] = []
    for one in disputed:
        group = (one.key[0], one.key[2])
        ranked.append((rank[group], -len(one.grouping.question.by), len(ranked), one))
        rank[group] += 1
    return [one for *_, one in sorted(ranked, key=lambda row: row[:3])]


class _Teller:
    """Looks all engines' contacts up, and says how they differ."""

    def __init__(
        self,
        asked: Asked,
        moment: Moment,
        stores: Sequence[StateStore],
        evidence: Evidence,
        listed: Sequence[Disputed],
        most: int,
    ) -> None:
        self._asked, self._moment, self._listed = asked, moment, listed
        self._stores, self._evidence, self._most = stores, evidence, most
        self._found = contributions(listed, stores, evidence, moment.as_of, most)
        self._named = {one.key: self._names(one) for one in listed}
        across = any(is_across(one.figure.measure) for one in listed)
        records = unlike(stores, evidence, moment.as_of) if across else iter(())
        self._unlike = list(islice(records, CONTACTS))
        names = {name for names in self._named.values() for name in names}
        self._known = self._look_up({*names, *self._unlike})

    def tell(self, mismatched: int) -> Incident:
        figures = [self._figure(one) for one in self._listed]
        differing = {c.contact for figure in figures if figure.differ for c in figure.contacts}
        return Incident(
            period=self._asked.period,
            as_of=instant(self._moment.as_of),
            log=self._moment.log,
            positions=self._moment.positions,
            mismatched=mismatched,
            more=mismatched - len(figures),
            contacts=sorted({*differing, *self._unlike}),
            unlike=[self._contact(name, []) for name in self._unlike],
            figures=figures,
        )

    def _look_up(self, subjects: set[str]) -> Mapping[str, Known]:
        as_of = self._moment.as_of
        return {
            LIVE: known_to_core(live_folded(self._stores, as_of), subjects),
            RECOUNT: known_to_core(recount_folded(self._evidence, as_of), subjects),
            SQL: known_to_sql(self._evidence, subjects, as_of),
        }

    def _own(self, one: Disputed) -> list[Contributions]:
        return [self._found[engine].get(one.key, {}) for engine in ENGINES]

    def _crowded(self, one: Disputed) -> bool:
        """Whether more contacts are behind a figure than were looked at."""
        return any(len(found) > self._most for found in self._own(one))

    def _names(self, one: Disputed) -> list[str]:
        """The contacts that are listed of a figure."""
        if self._crowded(one):
            return []
        own = self._own(one)
        differing = list(apart(own))
        if differing:
            return differing[:CONTACTS]
        gone = {p for partitions in self._lost(one).values() for p in partitions}
        behind = sorted({name for found in own for name in found})
        of_lost = [name for name in behind if self._partition(name) in gone]
        return (of_lost or behind)[:CONTACTS]

    def _partition(self, name: str) -> int:
        return partition_of(name, len(self._moment.positions))

    def _told(self, one: Disputed) -> Iterator[tuple[str, Ratio | None, Contributions]]:
        """By engine, the figure and what its own contacts contribute."""
        return zip(ENGINES, one.figure.readings, self._own(one), strict=True)

    def _wrong(self, one: Disputed) -> list[str]:
        """Engines whose figure is not the sum of their own contacts."""
        measure = one.figure.measure
        return [e for e, reading, own in self._told(one) if not is_total(measure, reading, own)]

    def _lost(self, one: Disputed) -> dict[str, list[int]]:
        """By engine, partitions whose contacts contribute exactly what its figure lacks."""
        measure = one.figure.measure
        found = {
            engine: lost(measure, reading, own, self._partition)
            for engine, reading, own in self._told(one)
        }
        return {engine: numbers for engine, numbers in found.items() if numbers}

    def _figure(self, one: Disputed) -> Figure:
        name = named(one.grouping, one.figure)
        readings = by_engine(one.figure.readings)
        if one.figure.measure.kind is Kind.REMAINDER:
            return Figure(
                figure=name,
                readings=readings,
                declarations=self._declared(one),
                words="a remainder has no contacts of its own: see funnel.arrived of the group",
            )
        if self._crowded(one):
            return Figure(
                figure=name, readings=readings, differ=None, behind=None, words=_many(self._most)
            )
        own, measure = self._own(one), one.figure.measure
        differing, wrong, gone = sum(1 for _ in apart(own)), self._wrong(one), self._lost(one)
        return Figure(
            figure=name,
            readings=readings,
            sums=by_engine(total(measure, found) for found in own),
            wrong_sums=wrong,
            partitions=gone,
            differ=differing,
            behind=len({name for found in own for name in found}),
            contacts=[self._contact(name, own) for name in self._named[one.key]],
            words=_words(differing, wrong, gone, one),
        )

    def _contact(self, name: str, own: Sequence[Contributions]) -> Contact:
        records = {engine: self._known[engine].records.get(name) for engine in ENGINES}
        return Contact(
            contact=name,
            readings=by_engine(found.get(name) for found in own) if own else {},
            known=[engine for engine, record in records.items() if record is not None],
            fields=_differing({e: record for e, record in records.items() if record is not None}),
        )

    def _declared(self, one: Disputed) -> list[Total]:
        live, again = (self._known[engine].declared for engine in (LIVE, RECOUNT))
        found = {**again, **live}
        return [
            _total(found[name], live.get(name), again.get(name))
            for name in sorted(found)
            if _within(found[name], one)
        ]


def _differing(records: Mapping[str, Mapping[str, Any]]) -> dict[str, By]:
    """The fields in which records are not the same; parts are not asked of the SQL."""
    found = {}
    for name in sorted({name for record in records.values() for name in record}):
        told = {e: r.get(name) for e, r in records.items() if name not in PARTS or e != SQL}
        if any(value != next(iter(told.values())) for value in told.values()):
            found[name] = told
    return found


def _within(declared: Declaration, one: Disputed) -> bool:
    """Whether a declaration may speak of a group."""
    span, dims = one.figure.group
    inside = span.start_ms <= declared.start_ms and declared.end_ms <= span.end_ms
    pairs = zip(one.grouping.question.by, dims, strict=True)
    return inside and all(getattr(declared, name, None) == value for name, value in pairs)


def _total(declared: Declaration, live: Declaration | None, again: Declaration | None) -> Total:
    return Total(
        subject=declared.subject,
        of=declared.of,
        authority=declared.authority,
        start=instant(declared.start_ms),
        end=instant(declared.end_ms),
        live=live.count if live else None,
        recount=again.count if again else None,
    )


def _many(most: int) -> str:
    return f"more than {most:,} contacts are behind it, too many to compare: ask for fewer days"


def _words(
    differing: int, wrong: Sequence[str], gone: Mapping[str, Sequence[int]], one: Disputed
) -> str:
    said = ["contacts do not contribute the same by every engine"] if differing else []
    said += [f"the figure of {engine} is not the sum of its own contacts" for engine in wrong]
    said += [
        f"what {engine} lacks is what partition {' or '.join(map(str, found))} contributes"
        for engine, found in gone.items()
    ]
    if not said and one.figure.measure.kind is Kind.PERCENTILE:
        said.append("every contact is the same by every engine; a percentile is no sum")
    return "; ".join(said) or "every contact is the same by every engine"
