"""Was a callback made when the caller would have been answered (`definitions.md` section 4)?

Judged by two neighbouring calls; results with and without those that have no neighbour.
"""

from functools import partial

from schemas.instants import MINUTE, SECOND
from schemas.measures.kinds import Both, Kind, Measure, Term, Words
from schemas.measures.rows import count, rank, share

MINUTES = (2, 5, 15)
_BRACKETED = "bracket != 'none'"
_JUDGED = "deviation_ms is not None"
_term = partial(Term, relation="promises")

TERMS = (
    _term("fidelity.callbacks", "True"),
    _term("fidelity.missed", "attempted_ms is None"),
    _term("fidelity.bracketed", _BRACKETED),
    _term("fidelity.unbracketed", "bracket == 'none'"),
    _term("fidelity.one_sided", "bracket in ('before', 'after')"),
    _term("fidelity.crossed", "crossed"),
    *(
        _term(
            f"fidelity.within_{minutes}",
            f"deviation_size_ms is not None and deviation_size_ms <= {minutes * MINUTE:_}",
        )
        for minutes in MINUTES
    ),
    _term("fidelity.judged", _JUDGED),
    _term("fidelity.early", f"{_JUDGED} and deviation_ms < 0"),
    _term("fidelity.late", f"{_JUDGED} and deviation_ms > 0"),
    _term("fidelity.size", _JUDGED, "deviation_size_ms", spread=SECOND),
    _term(
        "fidelity.connected_within_5",
        f"connected_size_ms is not None and connected_size_ms <= {5 * MINUTE:_}",
    ),
    _term(
        "fidelity.connected_size",
        "connected_size_ms is not None",
        "connected_size_ms",
        spread=SECOND,
    ),
)

_UNBRACKETED = Both(
    "callbacks without a neighbour on either side (fidelity.unbracketed counts them)",
    "les rappels sans voisin d’un côté ni de l’autre (fidelity.unbracketed les compte)",
)


def _within(minutes: int) -> tuple[Measure, Measure]:
    name = f"fidelity.within_{minutes}"
    met_en = (
        f"Callbacks whose first attempt came at most {minutes} minutes before or after the bracket "
        "of the neighbouring answers, "
    )
    met_fr = (
        f"Rappels dont la première tentative a eu lieu au plus {minutes} minutes avant ou après "
        "l’intervalle des réponses voisines, "
    )
    return (
        Measure(
            name,
            Kind.RATIO,
            Words(
                f"Callback within {minutes} minutes of the turn",
                f"{met_en}of those with a neighbour, never attempted ones included.",
            ),
            Words(
                f"Rappel à {minutes} minutes près du tour",
                f"{met_fr}parmi ceux qui ont un voisin, y compris ceux jamais tentés.",
            ),
            name,
            "fidelity.bracketed",
            unit="%",
            exclusions=_UNBRACKETED,
        ),
        share(
            f"{name}.all",
            name,
            "fidelity.callbacks",
            Words(
                f"Callback within {minutes} minutes of the turn, of all",
                f"{met_en}of all that were accepted and not cancelled by the customer.",
            ),
            Words(
                f"Rappel à {minutes} minutes près du tour, parmi tous",
                f"{met_fr}parmi tous ceux acceptés et non annulés par le client.",
            ),
        ),
    )


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
        Words("Callbacks missed", "Of these callbacks, those never attempted by the cut-off."),
        Words(
            "Rappels manqués",
            "Parmi ces rappels, ceux jamais tentés au moment de référence.",
        ),
    ),
    count(
        "fidelity.bracketed",
        "callbacks",
        Words(
            "Callbacks with a neighbour",
            "Callbacks for which a comparable call, answered live, entered the queue at most 30 "
            "minutes before or after, on one side at least.",
        ),
        Words(
            "Rappels avec voisin",
            "Rappels pour lesquels un appel comparable, pris en charge en direct, est entré en "
            "file au plus 30 minutes avant ou après, d’un côté au moins.",
        ),
    ),
    count(
        "fidelity.unbracketed",
        "callbacks",
        Words("Callbacks without a neighbour", "Callbacks with no such call on either side."),
        Words("Rappels sans voisin", "Rappels sans appel comparable d’un côté ni de l’autre."),
    ),
    count(
        "fidelity.one_sided",
        "callbacks",
        Words(
            "Callbacks with one neighbour",
            "Callbacks with such a call on one side only: early or late can be told on that side "
            "only.",
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
    *(row for minutes in MINUTES for row in _within(minutes)),
    share(
        "fidelity.early_rate",
        "fidelity.early",
        "fidelity.judged",
        Words(
            "Callbacks that came early",
            "Callbacks first attempted before the bracket, of those attempted that have a "
            "neighbour.",
        ),
        Words(
            "Rappels en avance",
            "Rappels tentés une première fois avant l’intervalle, parmi les rappels tentés qui ont "
            "un voisin.",
        ),
    ),
    share(
        "fidelity.late_rate",
        "fidelity.late",
        "fidelity.judged",
        Words(
            "Callbacks that came late",
            "Callbacks first attempted after the bracket, of those attempted that have a "
            "neighbour.",
        ),
        Words(
            "Rappels en retard",
            "Rappels tentés une première fois après l’intervalle, parmi les rappels tentés qui ont "
            "un voisin.",
        ),
    ),
    rank(
        "fidelity.size_median",
        "fidelity.size",
        50,
        "s",
        Words(
            "Median deviation of callbacks",
            "Half of the callbacks attempted that have a neighbour deviated from the bracket by "
            "this much or less, early or late, in whole seconds; 0 inside the bracket.",
        ),
        Words(
            "Écart médian des rappels",
            "La moitié des rappels tentés qui ont un voisin s’écartaient de l’intervalle de cette "
            "durée ou moins, en avance ou en retard, en secondes entières; 0 dans l’intervalle.",
        ),
    ),
    rank(
        "fidelity.size_p90",
        "fidelity.size",
        90,
        "s",
        Words(
            "Deviation of callbacks, 90th percentile",
            "Nine in ten of the callbacks attempted that have a neighbour deviated from the "
            "bracket by this much or less, early or late, in whole seconds; 0 inside the bracket.",
        ),
        Words(
            "Écart des rappels, 90e centile",
            "Neuf rappels tentés sur dix, parmi ceux qui ont un voisin, s’écartaient de "
            "l’intervalle de cette durée ou moins, en avance ou en retard, en secondes entières; 0 "
            "dans l’intervalle.",
        ),
    ),
    Measure(
        "fidelity.connected_within_5",
        Kind.RATIO,
        Words(
            "Callback connected within 5 minutes of the turn",
            "Callbacks whose connection to an agent came at most 5 minutes before or after the "
            "bracket, of those with a neighbour, never connected ones included.",
        ),
        Words(
            "Rappel avec agent à 5 minutes près du tour",
            "Rappels dont la mise en communication avec un agent a eu lieu au plus 5 minutes avant "
            "ou après l’intervalle, parmi ceux qui ont un voisin, y compris ceux restés sans "
            "communication.",
        ),
        "fidelity.connected_within_5",
        "fidelity.bracketed",
        unit="%",
        exclusions=_UNBRACKETED,
    ),
    rank(
        "fidelity.connected_p90",
        "fidelity.connected_size",
        90,
        "s",
        Words(
            "Deviation of connections, 90th percentile",
            "For nine in ten of the callbacks connected that have a neighbour, the connection to "
            "an agent deviated from the bracket by this much or less, early or late, in whole "
            "seconds.",
        ),
        Words(
            "Écart des communications, 90e centile",
            "Pour neuf rappels sur dix ayant abouti et ayant un voisin, la mise en communication "
            "s’écartait de l’intervalle de cette durée ou moins, en avance ou en retard, en "
            "secondes entières.",
        ),
    ),
)
