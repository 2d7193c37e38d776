"""Passes through queues: one caller can make several, so they never add up to contacts."""

from functools import partial

from schemas.instants import SECOND
from schemas.measures.kinds import Term, Words
from schemas.measures.rows import count, mean, rank, share

_SORTED = ("answered", "abandoned", "callback", "flow")
_term = partial(Term, relation="segments")

TERMS = (
    _term("segment.entered", "True"),
    *(_term(f"segment.{how}", f"how == '{how}'", moment="left_ms") for how in _SORTED),
    _term("segment.removed", f"how is not None and how not in {_SORTED}", moment="left_ms"),
    _term("segment.unended", "how is None"),
    _term("segment.wait", "how == 'answered'", "wait_ms", "left_ms", spread=SECOND),
)

MEASURES = (
    count(
        "segment.entered",
        "segments",
        Words(
            "Passes through a queue",
            "Every entry of a phone contact into a queue counts as one pass, under that queue.",
        ),
        Words(
            "Passages en file",
            "Chaque entrée d’un contact téléphonique dans une file compte pour un passage, sous "
            "cette file.",
        ),
    ),
    count(
        "segment.answered",
        "segments",
        Words("Passes answered", "Passes that ended because an agent was connected."),
        Words(
            "Passages avec réponse", "Passages terminés par la mise en communication avec un agent."
        ),
    ),
    count(
        "segment.abandoned",
        "segments",
        Words("Passes abandoned", "Passes that ended because the customer disconnected."),
        Words("Passages abandonnés", "Passages terminés parce que le client a raccroché."),
    ),
    count(
        "segment.callback",
        "segments",
        Words("Passes ended by a callback", "Passes that ended because a callback was accepted."),
        Words(
            "Passages terminés par un rappel", "Passages terminés par l’acceptation d’un rappel."
        ),
    ),
    count(
        "segment.flow",
        "segments",
        Words(
            "Passes on to another queue",
            "Passes that ended by going on to another queue, whether the queue said so or the "
            "next entry shows it.",
        ),
        Words(
            "Passages vers une autre file",
            "Passages terminés par un renvoi vers une autre file, annoncé par la file ou constaté "
            "par l’entrée suivante.",
        ),
    ),
    count(
        "segment.removed",
        "segments",
        Words(
            "Passes ended otherwise",
            "Passes that ended in any other way: removed or turned away by the system, or the "
            "contact was ended by an agent or the system.",
        ),
        Words(
            "Passages terminés autrement",
            "Passages terminés de toute autre façon : retrait ou refus par le système, ou fin du "
            "contact par un agent ou par le système.",
        ),
    ),
    count(
        "segment.unended",
        "segments",
        Words("Passes without an end", "Passes whose end is not known at the cut-off."),
        Words("Passages sans fin", "Passages dont la fin n’est pas connue au moment de référence."),
    ),
    mean(
        "segment.wait_mean",
        "segment.wait",
        "segment.answered",
        "s",
        Words(
            "Time in queue of a pass",
            "Mean time from entering the queue to being connected: the sum over the answered "
            "passes, divided by their number.",
        ),
        Words(
            "Durée d’un passage",
            "Temps moyen de l’entrée dans la file à la mise en communication : la somme pour les "
            "passages avec réponse, divisée par leur nombre.",
        ),
    ),
    rank(
        "segment.wait_p90",
        "segment.wait",
        90,
        "s",
        Words(
            "Time in queue of a pass, 90th percentile",
            "Nine in ten of the answered passes lasted this long or less, in whole seconds.",
        ),
        Words(
            "Durée d’un passage, 90e centile",
            "Neuf passages avec réponse sur dix ont duré ce temps ou moins, en secondes entières.",
        ),
    ),
    share(
        "segment.abandon_rate",
        "segment.abandoned",
        "segment.entered - segment.unended",
        Words(
            "Passes abandoned, share",
            "Abandoned passes, of the passes that have ended in whatever way.",
        ),
        Words(
            "Part des passages abandonnés",
            "Passages abandonnés, parmi les passages terminés de quelque façon que ce soit.",
        ),
    ),
)
