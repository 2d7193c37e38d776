"""The definitions as the page shows them: words in one language, formulas, terms, SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from schemas.definitions import DEFINITIONS, Definitions, Edition
from schemas.measures import MEASURES, MODULES, TERMS, Measure, combination, relation_of, words
from schemas.measures.kinds import Both
from streams.gateway.definitions.words import say, text
from streams.gateway.typography import Language, number

_TERMS = {term.id: term for term in TERMS}


@dataclass(frozen=True, slots=True)
class TermLine:
    """A term: what it adds up ("" counts rows), where ("" everywhere), and when it happened.

    A total that others declared has `other` in words, and none of these.
    """

    id: str
    value: str = ""
    where: str = ""
    moment: str = ""
    other: str = ""


@dataclass(frozen=True, slots=True)
class Companion:
    """A measure without which another is not shown."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One version: since when, what it changed and why, and what that does to the series.

    Its formula and SQL are empty where they are those of the definition that is shown.
    """

    said: list[str]
    rank: int
    numerator: str
    denominator: str
    sql: str


@dataclass(frozen=True, slots=True)
class Definition:
    """One measure in words, by its newest version.

    `denominator` is empty where nothing is divided.
    """

    id: str
    name: str
    text: str
    version: str
    kind: str
    unit: str
    rank: int
    numerator: str
    denominator: str
    row: str
    terms: list[TermLine]
    exclusions: str
    beside: list[Companion]
    rounding: str
    history: list[Stage]
    sql: str


@dataclass(frozen=True, slots=True)
class Section:
    """The measures of one module."""

    anchor: str
    title: str
    definitions: list[Definition]

    @property
    def size(self) -> int:
        """How many measures."""
        return len(self.definitions)


def sections(language: Language, definitions: Definitions = DEFINITIONS) -> list[Section]:
    """Every measure by its section, in the order in which they are listed."""
    return [
        _section(module.__name__.rpartition(".")[2], module.MEASURES, language, definitions)
        for module in MODULES
    ]


def _section(
    name: str, measures: tuple[Measure, ...], language: Language, definitions: Definitions
) -> Section:
    title = _in(words.SECTIONS[name], language)
    rows = [define(measure.id, language, definitions) for measure in measures]
    return Section(f"section-{name}", title, rows)


def define(name: str, language: Language, definitions: Definitions = DEFINITIONS) -> Definition:
    """One measure in one language, by its newest version."""
    history = definitions.history(name)
    newest = history[-1]
    measure = newest.measure
    said = measure.en if language == "en" else measure.fr
    excluded = measure.exclusions
    return Definition(
        id=measure.id,
        name=text(said.name, language),
        text=text(said.text, language),
        version=say(language, "version", number=measure.version),
        kind=_in(words.KINDS[measure.kind], language),
        unit=_in(words.UNITS[measure.unit], language),
        rank=measure.rank,
        numerator=formula(measure.numerator, language),
        denominator=formula(measure.denominator, language),
        row=_in(words.RELATIONS[relation_of(measure)], language),
        terms=[_term(name, language) for name in names(measure)],
        exclusions=_in(excluded, language) if excluded else say(language, "nothing"),
        beside=[Companion(name, _named(MEASURES[name], language)) for name in measure.beside],
        rounding=_in(measure.rounding, language),
        history=[_stage(edition, newest, language) for edition in reversed(history)],
        sql=sql(newest),
    )


def _named(measure: Measure, language: Language) -> str:
    return text((measure.en if language == "en" else measure.fr).name, language)


def names(measure: Measure) -> list[str]:
    """The terms that a measure is made of, each once."""
    pairs = combination(f"{measure.numerator} + {measure.denominator}")
    return list(dict.fromkeys(name for _, name in pairs))


def formula(terms: str, language: Language) -> str:
    """A sum of terms as it is written by hand."""
    shown = terms.replace(" - ", " − ").replace(" * ", " × ")
    return re.sub(r"\b\d[\d_]+\b(?= ×)", lambda found: number(int(found[0]), language), shown)


def sql(edition: Edition) -> str:
    """The published SQL of a version of a measure."""
    return edition.sql or _packaged(edition.measure.id)


@cache
def _packaged(measure: str) -> str:
    folder = files("schemas.sql").joinpath("measures")
    return folder.joinpath(f"{measure}.sql").read_text(encoding="utf-8")


def _term(name: str, language: Language) -> TermLine:
    term = _TERMS.get(name)
    if term is None:
        return TermLine(name, other=say(language, "declared"))
    where = "" if term.population == "True" else term.population
    return TermLine(term.id, term.value, where, term.moment)


def _stage(edition: Edition, shown: Edition, language: Language) -> Stage:
    measure, other = edition.measure, edition is not shown
    return Stage(
        said=told(edition, language),
        rank=measure.rank if other else 0,
        numerator=formula(measure.numerator, language) if other else "",
        denominator=formula(measure.denominator, language) if other else "",
        sql=sql(edition) if other else "",
    )


def told(edition: Edition, language: Language) -> list[str]:
    """A version in sentences: since when, what it changed and why, what that does to the series."""
    changed = edition.changed
    change = _in(changed, language) if changed else say(language, "version_first")
    date = edition.effective_from.isoformat()
    since = say(language, "version_since", number=edition.number, date=date, change=change)
    return [since, *_remarks(edition, language)]


def _remarks(edition: Edition, language: Language) -> Iterator[str]:
    if edition.reason:
        yield say(language, "version_reason", reason=_in(edition.reason, language))
    if edition.breaks:
        yield say(language, "version_breaks")
    if edition.parallel_until:
        until = edition.parallel_until.isoformat()
        yield say(language, "version_parallel", number=edition.number - 1, date=until)


def _in(both: Both, language: Language) -> str:
    return text(both.en if language == "en" else both.fr, language)
