"""Waits: from the first ask to being connected (`docs/definitions.md` section 2)."""

from schemas.instants import SECOND
from schemas.measures.kinds import Measure, Term, Words
from schemas.measures.rows import mean, rank, share

_ANSWERED = "place == 'answered'"
#: Thresholds of published standards, in seconds.
THRESHOLDS = (120, 600, 1_800)
QUEUE_THRESHOLD = 1_800

TERMS = (
    Term("served", "wait_ms is not None", moment="connected_ms"),
    Term("wait", "wait_ms is not None", "wait_ms", "connected_ms", spread=SECOND),
    Term("wait_live", _ANSWERED, "wait_ms", "exit_ms"),
    Term("queue_time", _ANSWERED, "queue_ms", "exit_ms"),
    Term("abandon_time", "place == 'abandoned'", "queue_ms", "exit_ms", spread=SECOND),
    *(
        Term(
            f"wait.within_{seconds}s",
            f"{_ANSWERED} and wait_ms <= {seconds * SECOND:_}",
            moment="exit_ms",
        )
        for seconds in THRESHOLDS
    ),
    Term(
        f"queue_time.within_{QUEUE_THRESHOLD}s",
        f"{_ANSWERED} and queue_ms <= {QUEUE_THRESHOLD * SECOND:_}",
        moment="exit_ms",
    ),
)


def _within(seconds: int) -> tuple[Measure, Measure]:
    """A threshold of a published standard: over the answered, and over all who asked."""
    name, time = f"wait.within_{seconds}s", f"{seconds // 60} minutes"
    met_en = f"Answered live with a wait of {time} or less from the first ask, "
    met_fr = f"Contacts pris en charge en direct en {time} ou moins depuis la première demande, "
    return (
        share(
            name,
            name,
            "answered",
            Words(
                f"Answered within {time}, of the answered",
                f"{met_en}of the contacts answered live; those who gave up or were turned away are "
                "not in it.",
            ),
            Words(
                f"Réponse en {time} ou moins, parmi les réponses",
                f"{met_fr}parmi les contacts pris en charge en direct; ceux qui ont abandonné ou "
                "ont été refusés n’y sont pas.",
            ),
        ),
        share(
            f"{name}.client",
            name,
            "asked",
            Words(
                f"Answered within {time}, the client's view",
                f"{met_en}of all who asked, turned away and abandoned included.",
            ),
            Words(
                f"Réponse en {time} ou moins, point de vue du client",
                f"{met_fr}parmi tous ceux qui ont demandé un agent, refusés et abandons compris.",
            ),
        ),
    )


_QUEUE_MINUTES = f"{QUEUE_THRESHOLD // 60} minutes"
_QUEUE_MET_EN = f"Answered live with {_QUEUE_MINUTES} or less in the queue, "
_QUEUE_MET_FR = f"Contacts pris en charge en direct après {_QUEUE_MINUTES} ou moins en file, "

MEASURES = (
    mean(
        "wait.mean",
        "wait",
        "served",
        "s",
        Words(
            "Speed of answer",
            "Mean wait from the first ask until agent and customer are both connected, live or "
            "by callback.",
        ),
        Words(
            "Délai moyen de réponse",
            "Attente moyenne de la première demande jusqu’à la mise en communication, en direct "
            "ou par rappel.",
        ),
    ),
    mean(
        "wait.live_mean",
        "wait_live",
        "answered",
        "s",
        Words(
            "Speed of answer, live only",
            "Mean wait from the first ask to the connection, of contacts answered live.",
        ),
        Words(
            "Délai moyen de réponse, en direct",
            "Attente moyenne de la première demande jusqu’à la mise en communication, pour les "
            "contacts pris en charge en direct.",
        ),
    ),
    rank(
        "wait.median",
        "wait",
        50,
        "s",
        Words("Median wait", "Half of those served waited this long or less."),
        Words(
            "Attente médiane",
            "La moitié des personnes servies ont attendu ce temps ou moins.",
        ),
    ),
    rank(
        "wait.p90",
        "wait",
        90,
        "s",
        Words("Wait, 90th percentile", "Nine in ten of those served waited this long or less."),
        Words(
            "Attente, 90e centile",
            "Neuf personnes servies sur dix ont attendu ce temps ou moins.",
        ),
    ),
    rank(
        "wait.longest",
        "wait",
        100,
        "s",
        Words("Longest wait", "The longest wait of those served."),
        Words("Attente la plus longue", "La plus longue attente des personnes servies."),
    ),
    mean(
        "queue_time.mean",
        "queue_time",
        "answered",
        "s",
        Words(
            "Time in queue", "Mean time in the queue of contacts answered live; 0 without queue."
        ),
        Words(
            "Temps en file",
            "Temps moyen en file des contacts pris en charge en direct; 0 sans passage en file.",
        ),
    ),
    mean(
        "abandon.time_mean",
        "abandon_time",
        "abandoned",
        "s",
        Words("Time to abandonment", "Mean time in the queue of those who abandoned."),
        Words("Délai d’abandon", "Temps moyen en file de ceux qui ont abandonné."),
    ),
    rank(
        "abandon.time_median",
        "abandon_time",
        50,
        "s",
        Words("Median time to abandonment", "Half of those who abandoned did so within this time."),
        Words(
            "Délai d’abandon médian",
            "La moitié de ceux qui ont abandonné l’ont fait en ce temps ou moins.",
        ),
    ),
    *(row for seconds in THRESHOLDS for row in _within(seconds)),
    share(
        f"queue_time.within_{QUEUE_THRESHOLD}s",
        f"queue_time.within_{QUEUE_THRESHOLD}s",
        "answered",
        Words(
            f"In the queue {_QUEUE_MINUTES} or less, of the answered",
            f"{_QUEUE_MET_EN}of the contacts answered live: the convention of a published "
            "standard, in which those who gave up are no misses.",
        ),
        Words(
            f"En file {_QUEUE_MINUTES} ou moins, parmi les réponses",
            f"{_QUEUE_MET_FR}parmi les contacts pris en charge en direct : la convention d’une "
            "norme publiée, où ceux qui ont abandonné ne sont pas des échecs.",
        ),
    ),
    share(
        f"queue_time.within_{QUEUE_THRESHOLD}s.abandons_missed",
        f"queue_time.within_{QUEUE_THRESHOLD}s",
        "answered + abandoned",
        Words(
            f"In the queue {_QUEUE_MINUTES} or less, abandonments are misses",
            f"{_QUEUE_MET_EN}of the contacts answered live or abandoned.",
        ),
        Words(
            f"En file {_QUEUE_MINUTES} ou moins, les abandons sont des échecs",
            f"{_QUEUE_MET_FR}parmi les contacts pris en charge en direct et les abandons.",
        ),
    ),
    share(
        "access.queue_rate",
        "queued",
        "asked",
        Words("Access to the queue", "Queued, of those who asked for an agent."),
        Words("Accès à la file", "Mis en file, parmi ceux qui ont demandé un agent."),
    ),
)
