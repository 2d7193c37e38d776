"""What a figure rested on when it was recorded, and which of it has changed since."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from schemas.board import Figure
from schemas.measures import Both
from schemas.statuses import Language, said
from streams.core.standing import Key, Recorded, key_of


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """What a figure rests on: facts up to a place and an instant, and dated rules.

    Attributes:
        log: the log that positions are of.
        positions: per partition, the offset up to which events were counted.
        as_of: the instant, in milliseconds.
        definition: SHA-256 of the measure's version: formula, terms, SQL.
        calendars, hours: SHA-256 of the tables.
        standards: the same. They judge figures and are in none, so that they explain no change.
        rules: a name for the program; other than the rest, it says that the program changed and
            not what.
    """

    log: str
    positions: list[int]
    as_of: int
    definition: str
    calendars: str
    hours: str
    standards: str
    rules: str = ""


#: What can have changed; `events` where the log is the same, `log` where it is another.
CHANGES = {
    "definition": Both("the definition", "la définition"),
    "calendars": Both("the calendars", "les calendriers"),
    "hours": Both("the opening hours", "les heures d’ouverture"),
    "log": Both("the log, which is another one", "le journal, qui est un autre"),
    "events": Both("the facts (events added: {n})", "les faits (événements ajoutés : {n})"),
    "clock": Both("the clock", "l’instant de référence"),
    "rules": Both("the program", "le programme"),
}
_SINCE = Both("changed since then: {what}", "changé depuis : {what}")
_UNKNOWN = Both(
    "what it rested on was not recorded", "ce sur quoi il reposait n’a pas été consigné"
)
_VERSION = Both(
    "recorded as {was} by version {then}; version {now} is in force",
    "consigné : {was} selon la version {then}; la version {now} est en vigueur",
)
_DIGESTS = ("definition", "calendars", "hours", "rules")


def changed(then: Basis, now: Basis) -> list[str]:
    """Which of `CHANGES` have happened between two bases: all that can have moved an integer."""
    found = [name for name in _DIGESTS if getattr(then, name) != getattr(now, name)]
    if then.log != now.log:
        found.append("log")
    elif then.positions != now.positions:
        found.append("events")
    elif then.as_of != now.as_of:
        found.append("clock")
    return found


def words(then: Basis | None, now: Basis, language: Language) -> str:
    """What has changed, in words; "" where nothing has."""
    if then is None:
        return said(_UNKNOWN, language)
    events = sum(now.positions) - sum(then.positions)
    what = ", ".join(said(CHANGES[name], language, n=events) for name in changed(then, now))
    return said(_SINCE, language, what=what) if what else ""


def explained(
    figures: Iterable[Figure],
    recorded: Mapping[Key, Recorded],
    bases: Mapping[Key, Basis | None],
    basis: Callable[[Figure], Basis],
    attribution: str,
    language: Language,
) -> Iterator[Figure]:
    """The same; what is restated and not recorded yet says which of its basis has changed.

    Args:
        figures: with their standing.
        recorded: the last record of every figure.
        bases: what those rested on, where that is known.
        basis: what a figure rests on now.
        attribution: of the figures.
        language: of the words.
    """
    for figure in figures:
        key = key_of(figure, attribution) if figure.status == "restated" else None
        before = recorded.get(key) if key else None
        if key and before and not _same(before.figure, figure):
            why = (figure.why, words(bases.get(key), basis(figure), language))
            yield msgspec.structs.replace(figure, why="; ".join(filter(None, why)))
        else:
            yield figure


def _same(one: Figure, other: Figure) -> bool:
    return (one.numerator, one.denominator) == (other.numerator, other.denominator)


def superseded(
    figures: Sequence[Figure],
    recorded: Mapping[Key, Recorded],
    attribution: str,
    language: Language,
) -> list[Figure]:
    """The same; one whose place was recorded by another version, which it is not beside, says so.

    A version that is made to hold for a period that was final restates it.
    """
    if not recorded:
        return [*figures]
    places = {place_of(key_of(f, attribution)) for f in figures if not f.in_force}
    before = {place_of(key): row for key, row in recorded.items() if row.figure.in_force}
    found = []
    for figure in figures:
        key = key_of(figure, attribution)
        other = None if key in recorded or place_of(key) in places else before.get(place_of(key))
        if other is None or figure.status == "live":
            found.append(figure)
        else:
            why = said(
                _VERSION,
                language,
                was=_integers(other.figure),
                then=other.figure.version,
                now=figure.version,
            )
            found.append(msgspec.structs.replace(figure, status="restated", why=why))
    return found


def place_of(key: Key) -> tuple[object, ...]:
    """Of what a figure is: its key whatever the version."""
    return key[0].rpartition(":")[0], *key[1:]


def _integers(figure: Figure) -> str:
    parts = [str(n) for n in (figure.numerator, figure.denominator) if n is not None]
    return " / ".join(parts) or "null"
