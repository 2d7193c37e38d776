"""The states that a figure went through since it was kept, each counted again from the evidence."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import NamedTuple

from schemas.definitions import Edition
from streams.core.basis import Basis
from streams.core.figures import Group, Question
from streams.core.why import CLOCK, DEFINITION, FACTS, LATE, RULES, Counting, State
from streams.finals.kept import Kept
from streams.home import Home
from streams.recounting.evidence import Evidence, evidence
from streams.tracing.passing import bearing, passing


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


def states(home: Home, sought: Sought) -> list[State]:
    """The states from what was kept to now, in order.

    Raises:
        Retry: the log has moved on; ask again.
        Stop: a file was changed.
    """
    of = bearing(sought.now.measure, sought.group.span)
    found = []
    with ExitStack() as opened:
        now = opened.enter_context(evidence(home, sought.basis.positions))
        before = sought.kept.basis
        then = now
        if before is not None and sought.known and before.positions != sought.basis.positions:
            then = opened.enter_context(evidence(home, before.positions))
        for sweep in _sweeps(sought, then, now):
            for _, folded in passing(sweep.facts, sweep.as_of, of=of):
                for counting in sweep.countings.values():
                    counting.add([folded])
            found += [counting.state(name) for name, counting in sweep.countings.items()]
    return found


class _Sweep(NamedTuple):
    """States that rest on the same facts at the same instant, and so on the same contacts."""

    facts: Evidence
    as_of: int
    countings: dict[str, Counting]


def _sweeps(sought: Sought, then: Evidence, now: Evidence) -> list[_Sweep]:
    """What is counted by which facts, in order; each sweep is over before the next begins."""
    found: list[_Sweep] = []
    before, after = sought.kept.as_of, sought.basis.as_of

    def count(name: str, edition: Edition, facts: Evidence, as_of: int) -> None:
        if not found or found[-1].facts is not facts or found[-1].as_of != as_of:
            found.append(_Sweep(facts, as_of, {}))
        counting = Counting(sought.question, edition.asked, sought.group, as_of)
        found[-1].countings[name] = counting

    count(RULES if sought.known else FACTS, sought.then, then, before)
    if sought.then != sought.now:
        count(DEFINITION, sought.now, then, before)
    if sought.known:
        count(LATE, sought.now, now, before)
    count(CLOCK, sought.now, now, after)
    return found
