"""The states that a figure went through since it was kept, each counted again from the evidence."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.definitions import Edition
from schemas.measures import relation_of
from schemas.relations import RELATIONS
from sinks.archive.pieces import Piece, content
from streams.core.basis import Basis
from streams.core.figures import Group, Question
from streams.core.fold import Folded, fold
from streams.core.why import CLOCK, DEFINITION, FACTS, LATE, RULES, Counting, State
from streams.embedded import Embedded
from streams.finals.kept import Kept
from streams.recounting.evidence import Evidence, evidence
from streams.recounting.shares import Share, shares

_Values = dict[str, list[bytes]]


@dataclass(frozen=True, slots=True)
class Sought:
    """A figure then and now.

    Attributes:
        question: what it is of; its measures do not matter.
        group: the one.
        kept: what it was.
        then, now: the versions of its measure.
        basis: what it rests on now.
    """

    question: Question
    group: Group
    kept: Kept
    then: Edition
    now: Edition
    basis: Basis

    @property
    def known(self) -> bool:
        """Whether it was kept up to where events had been counted, in the log that is here."""
        return self.kept.basis is not None and self.kept.basis.log == self.basis.log


def states(home: Embedded, sought: Sought) -> list[State]:
    """The states from what was kept to now, in order.

    Raises:
        Retry: the log has moved on; ask again.
        Stop: a file was changed.
    """
    plan = _Plan(sought)
    with ExitStack() as opened:
        now = opened.enter_context(evidence(home, sought.basis.positions))
        before = sought.kept.basis
        then = (
            opened.enter_context(evidence(home, before.positions))
            if before is not None and sought.known
            else None
        )
        wanted = None if _all_bear_on(sought) else _wanted(now, sought)
        for number, share in _by_number(now).items():
            older = _by_number(then).get(number) if then is not None else None
            plan.count(_values(share, wanted), _values(older, wanted) if older else {})
    return plan.states()


def _all_bear_on(sought: Sought) -> bool:
    """Whether contacts count to which nothing happened in the period of the figure.

    They do where they bear on others; and agents spend time in states entered before. All else
    belongs to a period by something that happened in it.
    """
    relation = RELATIONS[relation_of(sought.now.measure)]
    return relation.across or relation.name == "spells"


class _Plan:
    """What is counted at which state; a contact is folded anew only where it can have changed."""

    def __init__(self, sought: Sought) -> None:
        self._known = sought.known
        self._as_of = sought.kept.as_of, sought.basis.as_of

        def counting(edition: Edition, as_of: int) -> Counting:
            return Counting(sought.question, edition.asked, sought.group, as_of)

        before, after = self._as_of
        at_first = [(RULES if self._known else FACTS, counting(sought.then, before))]
        if sought.then != sought.now:
            at_first.append((DEFINITION, counting(sought.now, before)))
        self._at_first = at_first
        self._late = [(LATE, counting(sought.now, before))] if self._known else []
        self._now = [(CLOCK, counting(sought.now, after))]

    def count(self, values: _Values, older: _Values) -> None:
        """Count the contacts of one partition: all their events, and those that were there."""
        before, after = self._as_of
        facts = _folded(values, before)
        then = facts
        if self._known:
            changed = {name: old for name, old in older.items() if len(old) != len(values[name])}
            then = {name: facts[name] for name in older.keys() - changed.keys() if name in facts}
            then.update(_folded(changed, before))
        now = facts if before == after else _folded(values, after)
        for counted, folded in ((self._at_first, then), (self._late, facts), (self._now, now)):
            for _, counting in counted:
                counting.add([*folded.values()])

    def states(self) -> list[State]:
        """All of them."""
        return [
            counting.state(name) for name, counting in (*self._at_first, *self._late, *self._now)
        ]


def _folded(values: _Values, as_of: int) -> dict[str, Folded]:
    found = ((name, fold(raw, as_of)) for name, raw in values.items())
    return {name: folded for name, folded in found if folded is not None}


def _by_number(found: Evidence) -> dict[int, Share]:
    return {share.partition: share for share in shares(found)}


def _values(share: Share, wanted: set[str] | None) -> _Values:
    """All events of the contacts of a partition, or of those that are wanted."""
    found: _Values = {}
    for number in range(len(share)):
        for subjects, values in share.values(number):
            for subject, value in zip(subjects, values, strict=True):
                if wanted is None or subject in wanted:
                    found.setdefault(subject, []).append(value)
    return found


def _wanted(found: Evidence, sought: Sought) -> set[str]:
    """The subjects to which something happened within the span of the figure."""
    span = sought.group.span
    within = (pc.field("time_ms") >= span.start_ms) & (pc.field("time_ms") < span.end_ms)
    return {name for pieces in found.partitions.values() for p in pieces for name in _of(p, within)}


def _of(piece: Piece, within: pc.Expression) -> Iterable[str]:
    columns = pq.read_table(pa.BufferReader(content(piece)), columns=["subject", "time_ms"])
    names: list[str] = pc.unique(columns.filter(within)["subject"]).to_pylist()
    return names
