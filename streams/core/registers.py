"""Accumulators: what contacts add to quarter-hours. They form a group, so order is free.

A register belongs to a quarter of an hour (its start, in milliseconds), to the values of the
dimensions, and to an attribution: `cohort` (the quarter in which the contact arrived) or
`interval` (the quarter in which the thing happened). It holds sums of terms, and histograms
of floored seconds for the terms that percentiles rest on. A revised contact subtracts its
old self and adds its new one.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from schemas.instants import QUARTER_HOUR, SECOND
from schemas.measures import TERMS, Term
from schemas.record import DIMENSIONS, ContactRecord

Dims = tuple[str | None, ...]
Key = tuple[str, int, Dims]
COHORT, INTERVAL = "cohort", "interval"


@dataclass(slots=True)
class Register:
    """Sums by term, and histograms (second -> contacts) by term."""

    sums: dict[str, int] = field(default_factory=dict)
    spreads: dict[str, dict[int, int]] = field(default_factory=dict)


Registers = dict[Key, Register]
Add = Callable[[ContactRecord, int, Registers], None]
Conditional = tuple[list[str], Term]


def merge(into: Register, other: Register) -> None:
    """Add a register to another."""
    for term, value in other.sums.items():
        into.sums[term] = into.sums.get(term, 0) + value
    for term, spread in other.spreads.items():
        mine = into.spreads.setdefault(term, {})
        for second, count in spread.items():
            mine[second] = mine.get(second, 0) + count


def _source(terms: Iterable[Term]) -> str:
    """The text of `add`: every condition is tested once, every term adds to two registers.

    Rows stay data and the loop over them is unrolled, which makes this several times as fast
    as evaluating seventy predicates one call at a time.
    """
    used = sorted({name for term in terms for name in _fields(term)})
    lines = [
        "def add(record, sign, registers):",
        "    if record.channel is not None and record.channel != 'phone': return",
        f"    dims = ({', '.join(f'record.{name}' for name in DIMENSIONS)},)",
        *(f"    {name} = record.{name}" for name in used),
        "    cohort = at(registers, 'cohort', arrived_ms, dims)",
        "    sums, spreads = cohort.sums, cohort.spreads",
        *_additions([(_conditions(term.population), term) for term in terms], frozenset()),
    ]
    return "\n".join(lines)


def _conditions(population: str) -> list[str]:
    """The parts of a predicate that must all hold; none, where it always does."""
    parsed = ast.parse(population, mode="eval").body
    conjuncts = parsed.values if isinstance(parsed, ast.BoolOp) else [parsed]
    together = not isinstance(getattr(parsed, "op", None), ast.Or)
    parts = [ast.unparse(part) for part in (conjuncts if together else [parsed])]
    return [part for part in parts if part != "True"]


def _additions(rows: list[Conditional], known: frozenset[str], depth: int = 1) -> Iterator[str]:
    """Statements for terms under the conditions that are left; `known` registers are at hand."""
    indent = "    " * depth
    certain = [term for conditions, term in rows if not conditions]
    for moment in dict.fromkeys(term.moment for term in certain if term.moment not in known):
        yield f"{indent}in_{moment} = at(registers, 'interval', {moment}, dims)"
    for term in certain:
        yield from (indent + line for line in _addition(term))
    nested: dict[str, list[Conditional]] = {}
    for (condition, *rest), term in (row for row in rows if row[0]):
        nested.setdefault(condition, []).append((rest, term))
    known |= {term.moment for term in certain}
    for condition, under in nested.items():
        yield f"{indent}if {condition}:"
        yield from _additions(under, known, depth + 1)


def _addition(term: Term) -> Iterator[str]:
    amount = f"sign * {term.value}" if term.value else "sign"
    for sums in ("sums", f"in_{term.moment}.sums"):
        yield f"{sums}['{term.id}'] = {sums}.get('{term.id}', 0) + {amount}"
    if term.spread:
        for spreads in ("spreads", f"in_{term.moment}.spreads"):
            yield f"spread({spreads}, '{term.id}', {term.value}, sign)"


def _fields(term: Term) -> set[str]:
    names = compile(f"({term.population}, {term.value or 0}, {term.moment})", term.id, "eval")
    return {name for name in names.co_names if name in ContactRecord.__struct_fields__} | {
        "arrived_ms"
    }


def _at(registers: Registers, attribution: str, ms: int, dims: Dims) -> Register:
    key = (attribution, ms - ms % QUARTER_HOUR, dims)
    register = registers.get(key)
    if register is None:
        register = registers[key] = Register()
    return register


def _spread(spreads: dict[str, dict[int, int]], term: str, ms: int, sign: int) -> None:
    spread = spreads.setdefault(term, {})
    second = ms // SECOND
    spread[second] = spread.get(second, 0) + sign


def compile_terms(terms: Iterable[Term]) -> Add:
    """A function that adds (sign 1) or takes back (sign -1) what a record contributes."""
    space: dict[str, object] = {"at": _at, "spread": _spread}
    exec(compile(_source(tuple(terms)), "<terms>", "exec"), space)
    add: Add = space["add"]  # type: ignore[assignment]  # made just above
    return add


add: Add = compile_terms(TERMS)
