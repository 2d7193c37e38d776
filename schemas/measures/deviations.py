"""The rows that hold for each instant of a callback that is compared with the bracket.

They are the first attempt and, beside it, the connection to an agent: an early ring into a hold is
not fidelity (`docs/definitions.md` section 4).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from schemas.instants import MINUTE, SECOND
from schemas.measures.kinds import Both, Measure, Term, Words
from schemas.measures.rows import rank, share

MINUTES = (2, 5, 15)
_term = partial(Term, relation="fidelity")


@dataclass(frozen=True, slots=True)
class _Said:
    """What is compared with the bracket, in the words of one language."""

    one: str
    many: str
    what: str
    done: str
    never: str


@dataclass(frozen=True, slots=True)
class Instant:
    """What of a callback is compared with the bracket.

    Attributes:
        prefix: with what the names of its terms and shares begin; `ranked`, of its percentiles.
        deviation, size: the fields of the row.
    """

    prefix: str
    ranked: str
    deviation: str
    size: str
    en: _Said
    fr: _Said


ATTEMPT = Instant(
    "fidelity.",
    "fidelity.size",
    "deviation_ms",
    "deviation_size_ms",
    _Said("Callback", "callbacks", "the first attempt", "attempted", "never attempted"),
    _Said("Rappel", "rappels", "la première tentative", "tentés", "jamais tentés"),
)
CONNECTION = Instant(
    "fidelity.connected_",
    "fidelity.connected",
    "connected_deviation_ms",
    "connected_size_ms",
    _Said(
        "Connection", "connections", "the connection to an agent", "connected", "never connected"
    ),
    _Said(
        "Mise en communication",
        "mises en communication",
        "la mise en communication avec un agent",
        "ayant abouti",
        "restés sans communication",
    ),
)


def terms(of: Instant) -> Iterator[Term]:
    """What the rows are made of."""
    judged = f"{of.deviation} is not None"
    for minutes in MINUTES:
        near = f"{of.size} is not None and {of.size} <= {minutes * MINUTE:_}"
        yield _term(f"{of.prefix}within_{minutes}", near)
    yield _term(f"{of.prefix}judged", judged)
    yield _term(f"{of.prefix}early", f"{judged} and {of.deviation} < 0")
    yield _term(f"{of.prefix}late", f"{judged} and {of.deviation} > 0")
    yield _term(f"{of.prefix}size", judged, of.size, spread=SECOND)


_UNBRACKETED = Both(
    "callbacks without a neighbour on either side (fidelity.unbracketed counts them)",
    "les rappels sans voisin d’un côté ni de l’autre (fidelity.unbracketed les compte)",
)


def _within(of: Instant, minutes: int) -> Iterator[Measure]:
    """Near the bracket: of those with a neighbour, and of all."""
    name, en, fr = f"{of.prefix}within_{minutes}", of.en, of.fr
    name_en = f"{en.one} within {minutes} minutes of the turn"
    name_fr = f"{fr.one} à {minutes} minutes près du tour"
    met_en = (
        f"Callbacks of which {en.what} came at most {minutes} minutes before or after the bracket "
        "of the neighbouring answers, "
    )
    met_fr = (
        f"Rappels dont {fr.what} a eu lieu au plus {minutes} minutes avant ou après l’intervalle "
        "des réponses voisines, "
    )
    yield share(
        name,
        name,
        "fidelity.bracketed",
        Words(name_en, f"{met_en}of those with a neighbour, {en.never} ones included."),
        Words(name_fr, f"{met_fr}parmi ceux qui ont un voisin, y compris ceux {fr.never}."),
        exclusions=_UNBRACKETED,
        beside=(f"{name}.all",),
    )
    yield share(
        f"{name}.all",
        name,
        "fidelity.callbacks",
        Words(
            f"{name_en}, of all",
            f"{met_en}of all that were accepted and not cancelled by the customer.",
        ),
        Words(
            f"{name_fr}, parmi tous",
            f"{met_fr}parmi tous ceux acceptés et non annulés par le client.",
        ),
    )


def _sides(of: Instant) -> Iterator[Measure]:
    """Before the bracket and after it, of those of which it can be told."""
    en = f"the bracket, of those {of.en.done} that have a neighbour."
    fr = f"l’intervalle, parmi les rappels {of.fr.done} qui ont un voisin."
    yield share(
        f"{of.prefix}early_rate",
        f"{of.prefix}early",
        f"{of.prefix}judged",
        Words(f"Early {of.en.many}", f"Callbacks of which {of.en.what} came before {en}"),
        Words(
            f"{of.fr.many.capitalize()} en avance",
            f"Rappels dont {of.fr.what} a eu lieu avant {fr}",
        ),
    )
    yield share(
        f"{of.prefix}late_rate",
        f"{of.prefix}late",
        f"{of.prefix}judged",
        Words(f"Late {of.en.many}", f"Callbacks of which {of.en.what} came after {en}"),
        Words(
            f"{of.fr.many.capitalize()} en retard",
            f"Rappels dont {of.fr.what} a eu lieu après {fr}",
        ),
    )


def _sizes(of: Instant) -> Iterator[Measure]:
    """How far from the bracket, early or late."""
    en = (
        f"of the callbacks {of.en.done} that have a neighbour, {of.en.what} deviated from the "
        "bracket by this much or less, early or late, in whole seconds; 0 inside the bracket."
    )
    fr = (
        f"des rappels {of.fr.done} qui ont un voisin, {of.fr.what} s’écartait de l’intervalle de "
        "cette durée ou moins, en avance ou en retard, en secondes entières; 0 dans l’intervalle."
    )
    yield rank(
        f"{of.ranked}_median",
        f"{of.prefix}size",
        50,
        "s",
        Words(f"Median deviation of {of.en.many}", f"For half {en}"),
        Words(f"Écart médian des {of.fr.many}", f"Pour la moitié {fr}"),
    )
    yield rank(
        f"{of.ranked}_p90",
        f"{of.prefix}size",
        90,
        "s",
        Words(f"Deviation of {of.en.many}, 90th percentile", f"For nine in ten {en}"),
        Words(f"Écart des {of.fr.many}, 90e centile", f"Pour neuf sur dix {fr}"),
    )


def measures(of: Instant) -> list[Measure]:
    """The rows of one instant, in an order that is the same for both."""
    near = (row for minutes in MINUTES for row in _within(of, minutes))
    return [*near, *_sides(of), *_sizes(of)]
