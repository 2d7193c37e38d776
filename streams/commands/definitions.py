"""Every measure: its words in both languages, its terms, its SQL, and the history of its versions.

What is shown first is the newest version; a data folder's `definitions.toml` is laid over those
that come with the package.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import msgspec

from schemas.definitions import Definitions, Edition
from schemas.errors import DeadLetter
from schemas.measures import MEASURES, TERMS, Measure, relation_of
from schemas.relations import RELATIONS
from streams.gateway.definitions import file_name, render
from streams.gateway.definitions.measures import names, sql, told
from streams.gateway.typography import LANGUAGES
from streams.tables.definitions import in_force

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
    definitions = in_force(args.data)
    chosen = [definitions.history(name) for name in ([args.id] if args.id else MEASURES)]
    if args.html:
        _write(args.html, definitions)
    elif args.format == "json":
        print(msgspec.json.format(msgspec.json.encode([definition(h) for h in chosen])).decode())
    elif args.id:
        print(_whole(chosen[0]))
    else:
        _list([history[-1].measure for history in chosen])
    return 0


def definition(history: Sequence[Edition]) -> dict[str, object]:
    """The public definition of a measure by its newest version, with the SQL that recomputes it.

    `versions` are all of them, oldest first.
    """
    newest = history[-1]
    measure = newest.measure
    return {
        "id": measure.id,
        "version": measure.version,
        "kind": measure.kind.value,
        "unit": measure.unit,
        "relation": relation_of(measure),
        "rounding": asdict(measure.rounding),
        "effective_from": measure.effective_from,
        "versions": [_version(edition) for edition in history],
        "en": asdict(measure.en),
        "fr": asdict(measure.fr),
        "numerator": measure.numerator,
        "denominator": measure.denominator or None,
        "rank": measure.rank or None,
        "exclusions": asdict(measure.exclusions) if measure.exclusions else None,
        "beside": measure.beside,
        "terms": [_term(name) for name in names(measure) if name in _TERMS],
        "sql": sql(newest),
    }


def _version(edition: Edition) -> dict[str, object]:
    until = edition.parallel_until
    return {
        "number": edition.number,
        "effective_from": edition.effective_from.isoformat(),
        "numerator": edition.measure.numerator,
        "denominator": edition.measure.denominator or None,
        "rank": edition.measure.rank or None,
        "breaks": edition.breaks,
        "parallel_until": until.isoformat() if until else None,
        "changed": asdict(edition.changed) if edition.changed else None,
        "reason": asdict(edition.reason) if edition.reason else None,
        "sql": sql(edition),
    }


def _term(name: str) -> dict[str, object]:
    term = _TERMS[name]
    return {
        "id": term.id,
        "population": term.population,
        "value": term.value or None,
        "moment": term.moment or RELATIONS[term.relation].cohort,
    }


def _write(folder: Path, definitions: Definitions) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        path = folder / file_name(language)
        path.write_text(render(language, alone=True, definitions=definitions), encoding="utf-8")
        print(path)


def _list(measures: list[Measure]) -> None:
    width = max(map(len, MEASURES))
    units = max(len(measure.unit) for measure in MEASURES.values())
    for measure in measures:
        name = f"{measure.id:<{width}}  v{measure.version}"
        print(f"{name}  {measure.unit:<{units}}  {measure.en.name}")


def _whole(history: Sequence[Edition]) -> str:
    newest = history[-1]
    measure = newest.measure
    terms = "\n".join(
        f"  {term.id}: {term.population}" + (f", sum of {term.value}" if term.value else "")
        for term in (_TERMS[name] for name in names(measure) if name in _TERMS)
    )
    return (
        f"{measure.id}, version {measure.version}, {measure.kind}, in {measure.unit}, "
        f"from {measure.effective_from}, counts rows of {relation_of(measure)}\n\n"
        f"{measure.en.name}. {measure.en.text}\n{measure.fr.name}. {measure.fr.text}\n\n"
        f"{_formula(measure)}\n{terms}\nRounding: {measure.rounding.en}\n"
        f"Exclusions: {measure.exclusions.en if measure.exclusions else 'none'}\n"
        f"Always beside: {', '.join(measure.beside) or 'nothing'}\n"
        + "".join(f"{line}\n" for line in [*_history(history), ""])
        + sql(newest)
    )


def _formula(measure: Measure) -> str:
    rank = f"percentile {measure.rank} of " if measure.rank else ""
    below = f"  /  {measure.denominator}" if measure.denominator else ""
    return f"{rank}{measure.numerator}{below}"


def _history(history: Sequence[Edition]) -> Iterator[str]:
    """The versions in both languages, the newest first; nothing of a measure that has one."""
    if len(history) > 1:
        yield "\nVersions:"
        for edition in reversed(history):
            yield f"  {edition.number}: {_formula(edition.measure)}"
            for language in LANGUAGES:
                yield f"     {' '.join(told(edition, language))}"
