"""Was a callback made when the caller would have been answered (`docs/definitions.md` 4)?

Judged by two neighbouring calls; results with and without those that have no neighbour.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from schemas.across import NEIGHBOURS
from schemas.instants import MINUTE
from schemas.measures.deviations import ATTEMPT, CONNECTION, measures, terms
from schemas.measures.kinds import Measure, Term, Words
from schemas.measures.rows import count

_APART = f"{NEIGHBOURS // MINUTE} minutes"
_term = partial(Term, relation="fidelity")


TERMS = (
    _term("fidelity.callbacks", "True"),
    _term("fidelity.missed", "attempted_ms is None"),
    _term("fidelity.bracketed", "bracket != 'none'"),
    _term("fidelity.unbracketed", "bracket == 'none'"),
    _term("fidelity.one_sided", "bracket in ('before', 'after')"),
    _term("fidelity.crossed", "crossed"),
    *terms(ATTEMPT),
    *terms(CONNECTION),
)


def _attempts() -> Iterator[Measure]:
    """Each with the same of the connection beside it."""
    for row, twin in zip(measures(ATTEMPT), measures(CONNECTION), strict=True):
        yield replace(row, beside=(*row.beside, twin.id))


MEASURES = (
    count(
        "fidelity.callbacks",
        "callbacks",
        Words(
            "Callbacks to be judged",
            "Callbacks accepted from a queue and not cancelled by the customer.",
        ),
        Words(
            "Rappels à évaluer",
            "Rappels acceptés depuis une file et non annulés par le client.",
        ),
    ),
    count(
        "fidelity.missed",
        "callbacks",
        Words(
            "Callbacks missed",
            "Of the callbacks to be judged, those never attempted by the cut-off.",
        ),
        Words(
            "Rappels manqués",
            "Parmi les rappels à évaluer, ceux jamais tentés au moment de référence.",
        ),
    ),
    count(
        "fidelity.bracketed",
        "callbacks",
        Words(
            "Callbacks with a neighbour",
            "Callbacks for which a comparable call, answered live, entered the queue at most "
            f"{_APART} before or after, on one side at least.",
        ),
        Words(
            "Rappels avec voisin",
            "Rappels pour lesquels un appel comparable, pris en charge en direct, est entré en "
            f"file au plus {_APART} avant ou après, d’un côté au moins.",
        ),
    ),
    count(
        "fidelity.unbracketed",
        "callbacks",
        Words("Callbacks without a neighbour", "Callbacks with no comparable call on either side."),
        Words("Rappels sans voisin", "Rappels sans appel comparable d’un côté ni de l’autre."),
    ),
    count(
        "fidelity.one_sided",
        "callbacks",
        Words(
            "Callbacks with one neighbour",
            "Callbacks with a comparable call on one side only: early or late can be told on that "
            "side only.",
        ),
        Words(
            "Rappels avec un seul voisin",
            "Rappels avec un appel comparable d’un seul côté : l’avance ou le retard ne peut être "
            "constaté que de ce côté.",
        ),
    ),
    count(
        "fidelity.crossed",
        "callbacks",
        Words(
            "Callbacks with crossed neighbours",
            "Callbacks whose neighbour before was answered later than the neighbour after; they "
            "are judged all the same.",
        ),
        Words(
            "Rappels à voisins croisés",
            "Rappels dont le voisin d’avant a obtenu sa réponse après celui d’après; ils sont "
            "évalués tout de même.",
        ),
    ),
    *_attempts(),
    *measures(CONNECTION),
)
