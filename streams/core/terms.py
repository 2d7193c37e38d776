"""Terms as code: one function for each relation, which adds what a row of it contributes.

Rows stay data, and the loop over them is unrolled into text that is compiled once, which makes
this several times as fast as evaluating a hundred predicates one call at a time. Every
condition is tested once, and every term adds to two registers.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from schemas.instants import QUARTER_HOUR
from schemas.measures.kinds import Term
from schemas.relations import Relation

Dims = tuple[str | None, ...]
Key = tuple[str, int, Dims]
COHORT, INTERVAL = "cohort", "interval"
WITHIN = "within"  # both at once


@dataclass(slots=True)
class Register:
    """Sums by term, and histograms (floored value -> rows) by term."""

    sums: dict[str, int] = field(default_factory=dict)
    spreads: dict[str, dict[int, int]] = field(default_factory=dict)


Registers = dict[Key, Register]
AddRow = Callable[[Struct, Dims, int, Registers], None]
AddSums = Callable[[Struct, Register], None]
Conditional = tuple[list[str], Term]
Certain = Callable[[list[Term]], Iterator[str]]


def kind(relation: str, attribution: str) -> str:
    """The kind of the registers of a relation (by name) and an attribution."""
    return f"{relation}.{attribution}"


def compile_terms(relation: Relation, terms: Iterable[Term]) -> AddRow:
    """A function that adds (sign 1) or takes back (sign -1) what a row contributes.

    Most of what happens to a row happens in one quarter, where it counts alike by cohort and by
    interval: it is added once, to a register of the kind `WITHIN`. `attribute` tells the two.
    """
    return _made(_source(relation, list(terms)), relation)  # type: ignore[no-any-return]


def compile_sums(relation: Relation, terms: Iterable[Term]) -> AddSums:
    """A function that adds what a row contributes to one register, by cohort, whenever that is."""
    rows = list(terms)
    lines = [
        "def add(row, register):",
        "    sums, sign = register.sums, 1",
        *_read(relation, rows),
        *_additions([(_conditions(term.population), term) for term in rows], _sums),
    ]
    return _made("\n".join(lines), relation)  # type: ignore[no-any-return]


def _made(source: str, relation: Relation) -> Any:
    space: dict[str, object] = {"Register": Register, "apart": _apart}
    exec(compile(source, f"<{relation.name}>", "exec"), space)
    return space["add"]


def _source(relation: Relation, terms: list[Term]) -> str:
    def certain(found: list[Term]) -> Iterator[str]:
        by_moment: dict[str, list[Term]] = {}
        for term in found:
            by_moment.setdefault(_moment(relation, term), []).append(term)
        for moment, together in by_moment.items():
            elsewhere = f"apart(registers, '{relation.name}', start, {moment}, dims)"
            yield f"for register in here if start <= {moment} < end else {elsewhere}:"
            yield "    sums = register.sums"
            yield from (f"    {line}" for line in _sums(together))

    lines = [
        "def add(row, dims, sign, registers):",
        *_read(relation, terms),
        f"    start = {relation.cohort} - {relation.cohort} % {QUARTER_HOUR}",
        f"    end = start + {QUARTER_HOUR}",
        f"    within = registers.get(key := ('{kind(relation.name, WITHIN)}', start, dims))",
        "    if within is None: within = registers[key] = Register()",
        "    here = (within,)",
        *_additions([(_conditions(term.population), term) for term in terms], certain),
    ]
    return "\n".join(lines)


def _read(relation: Relation, terms: list[Term]) -> Iterator[str]:
    """Statements that take out the fields which terms need."""
    fields = sorted({name for term in terms for name in _fields(relation, term)})
    yield from (f"    {name} = row.{name}" for name in fields)


def _conditions(population: str) -> list[str]:
    """The parts of a predicate that must all hold; none, where it always does."""
    parsed = ast.parse(population, mode="eval").body
    conjuncts = parsed.values if isinstance(parsed, ast.BoolOp) else [parsed]
    together = not isinstance(getattr(parsed, "op", None), ast.Or)
    parts = [ast.unparse(part) for part in (conjuncts if together else [parsed])]
    return [part for part in parts if part != "True"]


def _additions(rows: list[Conditional], certain: Certain, indent: str = "    ") -> Iterator[str]:
    """Statements for terms under the conditions that are left; `certain` for those under none."""
    found = [term for conditions, term in rows if not conditions]
    yield from (f"{indent}{line}" for line in certain(found))
    nested: dict[str, list[Conditional]] = {}
    for (condition, *rest), term in (row for row in rows if row[0]):
        nested.setdefault(condition, []).append((rest, term))
    for condition, under in nested.items():
        yield f"{indent}if {condition}:"
        yield from _additions(under, certain, indent + "    ")


def _sums(terms: list[Term]) -> Iterator[str]:
    return (line for term in terms for line in _addition(term))


def _addition(term: Term) -> Iterator[str]:
    amount = f"sign * {term.value}" if term.value else "sign"
    yield f"sums['{term.id}'] = sums.get('{term.id}', 0) + {amount}"
    if term.spread:
        yield f"value = {term.value} // {term.spread}"
        yield f"spread = register.spreads.get('{term.id}')"
        yield f"if spread is None: spread = register.spreads['{term.id}'] = {{}}"
        yield "spread[value] = spread.get(value, 0) + sign"


def _moment(relation: Relation, term: Term) -> str:
    return term.moment or relation.cohort


def _fields(relation: Relation, term: Term) -> set[str]:
    text = f"({term.population}, {term.value or 0}, {_moment(relation, term)}, {relation.cohort})"
    names = compile(text, term.id, "eval").co_names
    return {name for name in names if name in relation.row.__struct_fields__}


def _apart(
    registers: Registers, relation: str, start: int, moment: int, dims: Dims
) -> tuple[Register, Register]:
    """The register of a cohort, and that of the other quarter in which something happened."""
    quarter = moment - moment % QUARTER_HOUR
    return (
        _at(registers, (kind(relation, COHORT), start, dims)),
        _at(registers, (kind(relation, INTERVAL), quarter, dims)),
    )


def _at(registers: Registers, key: Key) -> Register:
    found = registers.get(key)
    if found is None:
        found = registers[key] = Register()
    return found
