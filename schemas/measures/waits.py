"""Waits: from the first ask to being connected (`definitions.md` section 2)."""

from schemas.measures.kinds import Kind, Measure, Term, Words

TERMS = (
    Term("served", "wait_ms is not None", moment="connected_ms"),
    Term("wait", "wait_ms is not None", "wait_ms", "connected_ms", spread=True),
    Term("wait_live", "place == 'answered'", "wait_ms", "exit_ms"),
    Term("queue_time", "place == 'answered'", "queue_ms", "exit_ms"),
    Term("abandon_time", "place == 'abandoned'", "queue_ms", "exit_ms", spread=True),
)


def _rank(name: str, rank: int, en: Words, fr: Words) -> Measure:
    return Measure(f"wait.{name}", Kind.PERCENTILE, en, fr, "wait", rank=rank, unit="s")


MEASURES = (
    Measure(
        "wait.mean",
        Kind.MEAN,
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
        "wait",
        "served",
        unit="s",
    ),
    Measure(
        "wait.live_mean",
        Kind.MEAN,
        Words("Speed of answer, live only", "The same over contacts answered live."),
        Words(
            "Délai moyen de réponse, en direct",
            "Le même, pour les contacts pris en charge en direct.",
        ),
        "wait_live",
        "answered",
        unit="s",
    ),
    _rank(
        "median",
        50,
        Words("Median wait", "Half of those served waited this long or less."),
        Words(
            "Attente médiane",
            "La moitié des personnes servies ont attendu ce temps ou moins.",
        ),
    ),
    _rank(
        "p90",
        90,
        Words("Wait, 90th percentile", "Nine in ten of those served waited this long or less."),
        Words(
            "Attente, 90e centile",
            "Neuf personnes servies sur dix ont attendu ce temps ou moins.",
        ),
    ),
    _rank(
        "longest",
        100,
        Words("Longest wait", "The longest wait of those served."),
        Words("Attente la plus longue", "La plus longue attente des personnes servies."),
    ),
    Measure(
        "queue_time.mean",
        Kind.MEAN,
        Words(
            "Time in queue", "Mean time in the queue of contacts answered live; 0 without queue."
        ),
        Words(
            "Temps en file",
            "Temps moyen en file des contacts pris en charge en direct; 0 sans passage en file.",
        ),
        "queue_time",
        "answered",
        unit="s",
    ),
    Measure(
        "abandon.time_mean",
        Kind.MEAN,
        Words("Time to abandonment", "Mean time in the queue of those who abandoned."),
        Words("Délai d’abandon", "Temps moyen en file de ceux qui ont abandonné."),
        "abandon_time",
        "abandoned",
        unit="s",
    ),
    Measure(
        "abandon.time_median",
        Kind.PERCENTILE,
        Words("Median time to abandonment", "Half of those who abandoned did so within this time."),
        Words(
            "Délai d’abandon médian",
            "La moitié de ceux qui ont abandonné l’ont fait en ce temps ou moins.",
        ),
        "abandon_time",
        rank=50,
        unit="s",
    ),
)
