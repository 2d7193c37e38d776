"""Why a figure is no longer what it was: steps that add up in integers, and who is behind each.

A step leads from one state of the figure to the next, and each state differs from the one before
in one thing only: the rules, the definition, the facts that had arrived, the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec import Struct

from schemas.measures import Measure, relation_of
from schemas.parts import Shift
from schemas.record import ContactRecord, Declaration
from schemas.relations import RELATIONS
from streams.core.across import FOLDS
from streams.core.figures import Group, Question, Ratio, answer
from streams.core.fold import Folded
from streams.core.glimpse import Glimpse
from streams.core.registers import COHORT, Registers, add, add_row, combine, dims_of, kind

#: What leads from one state to the next. `facts` is `rules` and `late` where nothing tells them
#: apart, since it was not kept up to where events had been counted.
RULES, DEFINITION, LATE, FACTS, CLOCK = "rules", "definition", "late", "facts", "clock"


class State(Struct, frozen=True):
    """A figure under some rules, by some facts, at some instant.

    Attributes:
        name: what it differs by from the state before.
        ratio: its integers.
        parts: what every contact contributes; null where it is not known.
    """

    name: str
    ratio: Ratio
    parts: Mapping[str, Ratio] | None = None


class Moved(Struct, frozen=True, kw_only=True):
    """A contact whose contribution changed: (numerator, denominator), null where it had none."""

    contact: str
    before: Ratio | None
    after: Ratio | None


class Step(Struct, frozen=True, kw_only=True):
    """From one state to the next.

    Attributes:
        name: of `RULES` and the others.
        numerator, denominator: how much was added; what is unknown counts as nothing. The
            denominator of a count is null.
        after: the figure's integers after it.
        contacts: those whose contribution changed, by id; null where that cannot be known.
    """

    name: str
    numerator: int
    denominator: int | None
    after: Ratio
    contacts: list[Moved] | None


def steps(then: Ratio, states: Sequence[State]) -> list[Step]:
    """From what was kept to the last of the states.

    The numerators of all steps add up to the whole difference, and so do the denominators.
    """
    before = State("", then)
    found = []
    for state in states:
        found.append(_step(before, state))
        before = state
    return found


def _step(before: State, after: State) -> Step:
    (n0, d0), (n1, d1) = before.ratio, after.ratio
    known = before.parts is not None and after.parts is not None
    return Step(
        name=after.name,
        numerator=(n1 or 0) - (n0 or 0),
        denominator=None if d0 is None and d1 is None else (d1 or 0) - (d0 or 0),
        after=after.ratio,
        contacts=list(_moved(before.parts or {}, after.parts or {})) if known else None,
    )


def _moved(before: Mapping[str, Ratio], after: Mapping[str, Ratio]) -> Iterator[Moved]:
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was != now:
            yield Moved(contact=name, before=was, after=now)


class Counting:
    """Counts one figure from folded contacts, and keeps what those behind it contribute.

    Of contacts that are in no row of the figure nothing is kept; of those that may bear on
    others, as much as others need to know.

    Args:
        question: what the figure is of; its measures do not matter.
        measure: as engines are asked for it.
        group: the one that is counted.
        as_of: at which contacts were folded, in milliseconds.
    """

    def __init__(self, question: Question, measure: Measure, group: Group, as_of: int) -> None:
        spans = [group.span]
        self._asked = Question([measure], spans, question.by, question.zones, question.default_zone)
        self._group, self._as_of = group, as_of
        self._relation = RELATIONS[relation_of(measure)]
        self._counted: Registers = {}
        self._parts: dict[str, Ratio] = {}
        self._glimpses: list[Glimpse] = []  # of relations that rest on contacts of others

    def add(self, folded: Iterable[Folded]) -> None:
        """Count contacts, each once."""
        for one in folded:
            if isinstance(one, Declaration):  # which adds nothing
                continue
            if not self._relation.across:
                registers: Registers = {}
                add(one, 1, registers)
                self._note(one.shift_id if isinstance(one, Shift) else one.contact_id, registers)
            elif isinstance(one, ContactRecord):
                self._glimpses.append(msgspec.convert(one, Glimpse, from_attributes=True))

    def state(self, name: str) -> State:
        """What was counted; it ends the counting."""
        parts = self.parts()
        return State(name, self._ratio(self._counted) or Ratio(None, None), parts)

    def parts(self) -> Mapping[str, Ratio]:
        """What each contact contributes, of those that contribute anything; it ends the counting.

        See `streams.core.behind.Part`.
        """
        glimpses, self._glimpses = self._glimpses, []
        if glimpses:
            for one, row in FOLDS[self._relation.name](glimpses, self._as_of):
                registers: Registers = {}
                dims = dims_of(one, self._relation, row)
                add_row(self._relation.name, dims, row, 1, registers)
                self._note(one.contact_id, registers)
        return self._parts

    def _note(self, subject: str, registers: Registers) -> None:
        wanted = kind(self._relation.name, COHORT)
        found = {key: row for key, row in registers.items() if key[0] == wanted}
        ratio = self._ratio(found) if found else None
        if ratio is not None:
            combine(self._counted, found)
            if any(ratio):
                self._parts[subject] = ratio

    def _ratio(self, registers: Registers) -> Ratio | None:
        """The figure of some rows; None where none of them is of it."""
        counted = [(at, dims, row) for (_, at, dims), row in registers.items()]
        answers = answer(self._asked, lambda _: counted)
        return answers.get(self._group, {}).get(self._asked.measures[0].id)
