"""What callers were told they would wait, against what they waited.

Those who left before an answer would have waited longer than they did. To leave them out
flatters an estimate; they are counted as told too little where that much is certain.
"""

from functools import partial

from schemas.instants import SECOND
from schemas.measures.kinds import Term, Words
from schemas.measures.rows import count, mean, rank, share

_term = partial(Term, relation="estimates")
_OVERRUN = "{0} is not None and {0} > seconds * 1_000"

TERMS = (
    _term("estimate.announced", "True"),
    _term("estimate.served", "actual_ms is not None"),
    _term("estimate.censored", "censored_ms is not None"),
    _term("estimate.error", "actual_ms is not None", "error_ms"),
    _term("estimate.miss", "actual_ms is not None", "miss_ms", spread=SECOND),
    _term("estimate.overrun", _OVERRUN.format("actual_ms")),
    _term("estimate.overrun_censored", _OVERRUN.format("censored_ms")),
)

MEASURES = (
    count(
        "estimate.announced",
        "estimates",
        Words(
            "Waits announced",
            "Every announcement of a wait to a caller; a contact can hear several.",
        ),
        Words(
            "Attentes annoncées",
            "Chaque annonce d’une attente à un appelant; un contact peut en entendre plusieurs.",
        ),
    ),
    count(
        "estimate.served",
        "estimates",
        Words(
            "Waits announced, then answered",
            "Announcements after which the caller was answered live: the true wait is known, from "
            "the announcement to the answer.",
        ),
        Words(
            "Attentes annoncées, puis réponse",
            "Annonces après lesquelles un agent a répondu en direct : l’attente réelle est connue, "
            "de l’annonce à la réponse.",
        ),
    ),
    count(
        "estimate.censored",
        "estimates",
        Words(
            "Waits announced, then left",
            "Announcements after which the caller abandoned, accepted a callback or left the "
            "queue otherwise (not lost sight of): the true wait would have been longer than the "
            "time from the announcement to the exit.",
        ),
        Words(
            "Attentes annoncées, puis départ",
            "Annonces après lesquelles l’appelant a abandonné, accepté un rappel ou quitté la file "
            "autrement (sans être perdu de vue) : l’attente réelle aurait dépassé le temps écoulé "
            "de l’annonce à la sortie.",
        ),
    ),
    mean(
        "estimate.error_mean",
        "estimate.error",
        "estimate.served",
        "s",
        Words(
            "Bias of announced waits",
            "Mean of announced less true wait, with its sign (positive: too long a wait was "
            "told): the sum over the announcements that were then answered, divided by their "
            "number.",
        ),
        Words(
            "Biais des attentes annoncées",
            "Moyenne de l’attente annoncée moins l’attente réelle, avec son signe (positif : "
            "l’annonce était trop longue) : la somme pour les annonces suivies d’une réponse, "
            "divisée par leur nombre.",
        ),
    ),
    mean(
        "estimate.miss_mean",
        "estimate.miss",
        "estimate.served",
        "s",
        Words(
            "Error of announced waits",
            "Mean difference between announced and true wait, without its sign: the sum over the "
            "announcements that were then answered, divided by their number.",
        ),
        Words(
            "Erreur des attentes annoncées",
            "Écart moyen entre l’attente annoncée et l’attente réelle, sans son signe : la somme "
            "pour les annonces suivies d’une réponse, divisée par leur nombre.",
        ),
    ),
    rank(
        "estimate.miss_p90",
        "estimate.miss",
        90,
        "s",
        Words(
            "Error of announced waits, 90th percentile",
            "For nine in ten of the announcements that were then answered, the difference between "
            "announced and true wait, without its sign, was this or less, in whole seconds.",
        ),
        Words(
            "Erreur des attentes annoncées, 90e centile",
            "Pour neuf annonces suivies d’une réponse sur dix, l’écart entre l’attente annoncée et "
            "l’attente réelle, sans son signe, était de cette durée ou moins, en secondes "
            "entières.",
        ),
    ),
    share(
        "estimate.overrun_rate",
        "estimate.overrun + estimate.overrun_censored",
        "estimate.served + estimate.overrun_censored",
        Words(
            "Surely waited longer than told",
            "Announcements after which the caller, answered or not, waited longer than was told; "
            "of the announcements that were then answered, plus those after which the caller left "
            "having already waited longer than was told.",
        ),
        Words(
            "Attente certainement plus longue qu’annoncée",
            "Annonces après lesquelles l’appelant, avec ou sans réponse, a attendu plus longtemps "
            "qu’annoncé; parmi les annonces suivies d’une réponse, plus celles après lesquelles "
            "l’appelant est parti en ayant déjà attendu plus longtemps qu’annoncé.",
        ),
    ),
)
