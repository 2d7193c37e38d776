"""Every measure: its words in both languages, its terms, its version, its SQL."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict

import msgspec

from schemas.errors import DeadLetter
from schemas.measures import MEASURES, TERMS, Measure, combination

_TERMS = {term.id: term for term in TERMS}


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("id", nargs="?", help="only this measure, whole")
    parser.add_argument("--format", choices=("table", "json"), default="table")


def run(args: Namespace) -> int:
    """List the definitions, or show one."""
    if args.id is not None and args.id not in MEASURES:
        msg = f"there is no measure {args.id!r}"
        raise DeadLetter(msg)
    chosen = [MEASURES[args.id]] if args.id else list(MEASURES.values())
    if args.format == "json":
        print(msgspec.json.format(msgspec.json.encode([definition(m) for m in chosen])).decode())
    elif args.id:
        print(_whole(chosen[0]))
    else:
        width = max(map(len, MEASURES))
        for measure in chosen:
            print(
                f"{measure.id:<{width}}  v{measure.version}  {measure.unit:<8}  {measure.en.name}"
            )
    return 0


def definition(measure: Measure) -> dict[str, object]:
    """The public definition of a measure, with the SQL that recomputes it."""
    from sinks.sql import text  # noqa: PLC0415  # loads an engine that lists do not need

    return {
        "id": measure.id,
        "version": measure.version,
        "kind": measure.kind.value,
        "unit": measure.unit,
        "rounding": measure.rounding,
        "effective_from": measure.effective_from,
        "en": asdict(measure.en),
        "fr": asdict(measure.fr),
        "numerator": measure.numerator,
        "denominator": measure.denominator or None,
        "rank": measure.rank or None,
        "exclusions": measure.exclusions or None,
        "terms": [_term(name) for name in _names(measure)],
        "sql": text(f"measures/{measure.id}"),
    }


def _names(measure: Measure) -> list[str]:
    """The terms a measure is made of; a declared total is none of ours."""
    pairs = combination(f"{measure.numerator} + {measure.denominator}")
    return [name for name in dict.fromkeys(name for _, name in pairs) if name in _TERMS]


def _term(name: str) -> dict[str, object]:
    term = _TERMS[name]
    return {
        "id": term.id,
        "population": term.population,
        "value": term.value or None,
        "moment": term.moment,
    }


def _whole(measure: Measure) -> str:
    shown = definition(measure)
    formula = measure.numerator + (f"  /  {measure.denominator}" if measure.denominator else "")
    terms = "\n".join(
        f"  {term.id}: {term.population}" + (f", sum of {term.value}" if term.value else "")
        for term in map(_TERMS.__getitem__, _names(measure))
    )
    return (
        f"{measure.id}, version {measure.version}, {measure.kind}, in {measure.unit}, "
        f"from {measure.effective_from}\n\n"
        f"{measure.en.name}. {measure.en.text}\n{measure.fr.name}. {measure.fr.text}\n\n"
        f"{formula}\n{terms}\nRounding: {measure.rounding}\n"
        f"Exclusions: {measure.exclusions or 'none'}\n\n{shown['sql']}"
    )
