"""What a recount is asked, and what it counts, in a form that merges in any order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.measures import Kind, relation_of
from schemas.record import Declaration
from schemas.relations import RELATIONS
from streams.core.callers import Linked
from streams.core.figures import Answer, Counted, Group, Question, answer_groups, collect
from streams.core.registers import Register, Registers, kind, merge
from streams.core.unexplained import unexplained


@dataclass(frozen=True, slots=True)
class Task:
    """What is counted.

    Attributes:
        question: with the spans of every zone that there can be.
        attribution: of its figures.
        as_of: in milliseconds; what happened later is not counted.
        linked: callers that are known under several keys.
        declared: whether anybody declared a total.
    """

    question: Question
    attribution: str
    as_of: int
    linked: Linked = field(default_factory=Linked)
    declared: bool = True

    @property
    def relations(self) -> set[str]:
        """Those that the question asks about."""
        return {relation_of(measure) for measure in self.question.measures}

    @property
    def across(self) -> list[str]:
        """Those of them that rest on all contacts."""
        return sorted(name for name in self.relations if RELATIONS[name].across)

    @property
    def remainder(self) -> bool:
        """Whether what is declared must be compared with what arrived."""
        asked = any(measure.kind is Kind.REMAINDER for measure in self.question.measures)
        return asked and self.declared


@dataclass(slots=True)
class Tally:
    """What was counted of a share of the evidence, or of all of it.

    Attributes:
        groups: registers by relation and group.
        arrivals: contacts that arrived, by quarter, where a remainder is asked for.
        declarations: totals declared, by subject.
        contacts, events: how many were folded.
        rows: how many were read.
    """

    groups: dict[tuple[str, Group], Register] = field(default_factory=dict)
    arrivals: Registers = field(default_factory=dict)
    declarations: dict[str, Declaration] = field(default_factory=dict)
    contacts: int = 0
    events: int = 0
    rows: int = 0

    def merge(self, other: Tally) -> Tally:
        """Add another to this one."""
        for group, register in other.groups.items():
            merge(self.groups.setdefault(group, Register()), register)
        for quarter, register in other.arrivals.items():
            merge(self.arrivals.setdefault(quarter, Register()), register)
        self.declarations.update(other.declarations)
        self.contacts += other.contacts
        self.events += other.events
        self.rows += other.rows
        return self

    def add(self, registers: Registers, task: Task) -> None:
        """Add registers of quarters to the groups that are asked for."""
        for relation in task.relations:
            wanted = kind(relation, task.attribution)
            counted: Counted = (
                (quarter, dims, row)
                for (of, quarter, dims), row in registers.items()
                if of == wanted
            )
            for group, register in collect(task.question, counted).items():
                merge(self.groups.setdefault((relation, group), Register()), register)

    def answer(self, question: Question) -> Answer:
        """The answer to the question that was counted for."""

        def groups_of(relation: str) -> Mapping[Group, Register]:
            return {group: row for (name, group), row in self.groups.items() if name == relation}

        answers = answer_groups(question, groups_of)
        if any(measure.kind is Kind.REMAINDER for measure in question.measures):
            arrived = ((at, dims, row) for (_, at, dims), row in self.arrivals.items())
            for group, ratio in unexplained(
                question, [*self.declarations.values()], arrived
            ).items():
                answers.setdefault(group, {})["funnel.unexplained"] = ratio
        return answers
