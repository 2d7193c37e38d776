"""Every measure: its words in both languages, its terms, its version, its SQL."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

import msgspec

from schemas.errors import DeadLetter
from schemas.measures import MEASURES, TERMS, Measure, relation_of
from schemas.relations import RELATIONS
from streams.gateway.definitions import file_name, render
from streams.gateway.definitions.measures import names, sql
from streams.gateway.typography import LANGUAGES

_TERMS = {term.id: term for term in TERMS}


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("id", nargs="?", help="only this measure, whole")
    parser.add_argument("--format", choices=("table", "json"), default="table")
    parser.add_argument(
        "--html",
        type=Path,
        metavar="DIR",
        help="write the definitions page of both languages there, each in one file",
    )


def run(args: Namespace) -> int:
    """List the definitions, show one, or write the page."""
    if args.id is not None and args.id not in MEASURES:
        msg = f"there is no measure {args.id!r}"
        raise DeadLetter(msg)
    chosen = [MEASURES[args.id]] if args.id else list(MEASURES.values())
    if args.html:
        _write(args.html)
    elif args.format == "json":
        print(msgspec.json.format(msgspec.json.encode([definition(m) for m in chosen])).decode())
    elif args.id:
        print(_whole(chosen[0]))
    else:
        _list(chosen)
    return 0


def definition(measure: Measure) -> dict[str, object]:
    """The public definition of a measure, with the SQL that recomputes it."""
    return {
        "id": measure.id,
        "version": measure.version,
        "kind": measure.kind.value,
        "unit": measure.unit,
        "relation": relation_of(measure),
        "rounding": asdict(measure.rounding),
        "effective_from": measure.effective_from,
        "earlier": [asdict(version) for version in measure.earlier],
        "en": asdict(measure.en),
        "fr": asdict(measure.fr),
        "numerator": measure.numerator,
        "denominator": measure.denominator or None,
        "rank": measure.rank or None,
        "exclusions": asdict(measure.exclusions) if measure.exclusions else None,
        "beside": measure.beside,
        "terms": [_term(name) for name in names(measure) if name in _TERMS],
        "sql": sql(measure.id),
    }


def _term(name: str) -> dict[str, object]:
    term = _TERMS[name]
    return {
        "id": term.id,
        "population": term.population,
        "value": term.value or None,
        "moment": term.moment or RELATIONS[term.relation].cohort,
    }


def _write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        path = folder / file_name(language)
        path.write_text(render(language, alone=True), encoding="utf-8")
        print(path)


def _list(measures: list[Measure]) -> None:
    width = max(map(len, MEASURES))
    units = max(len(measure.unit) for measure in MEASURES.values())
    for measure in measures:
        name = f"{measure.id:<{width}}  v{measure.version}"
        print(f"{name}  {measure.unit:<{units}}  {measure.en.name}")


def _whole(measure: Measure) -> str:
    formula = measure.numerator + (f"  /  {measure.denominator}" if measure.denominator else "")
    terms = "\n".join(
        f"  {term.id}: {term.population}" + (f", sum of {term.value}" if term.value else "")
        for term in (_TERMS[name] for name in names(measure) if name in _TERMS)
    )
    return (
        f"{measure.id}, version {measure.version}, {measure.kind}, in {measure.unit}, "
        f"from {measure.effective_from}, counts rows of {relation_of(measure)}\n\n"
        f"{measure.en.name}. {measure.en.text}\n{measure.fr.name}. {measure.fr.text}\n\n"
        f"{formula}\n{terms}\nRounding: {measure.rounding.en}\n"
        f"Exclusions: {measure.exclusions.en if measure.exclusions else 'none'}\n"
        f"Always beside: {', '.join(measure.beside) or 'nothing'}\n\n"
        f"{sql(measure.id)}"
    )
