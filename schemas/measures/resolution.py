"""Settled at the first exchange, as the agent says; and interpreters, with the wait they add."""

from schemas.instants import SECOND
from schemas.measures.kinds import Term, Words
from schemas.measures.rows import count, mean, rank, share

_KNOWN = "wait_ms is not None and resolved_first is not None"
_REQUESTED, _JOINED = "interpreter_requested_ms", "interpreter_joined_ms"

TERMS = (
    Term("resolution.known", _KNOWN, moment="connected_ms"),
    Term("resolution.at_first", f"{_KNOWN} and resolved_first", moment="connected_ms"),
    Term("interpreter.requested", f"{_REQUESTED} is not None", moment=_REQUESTED),
    Term("interpreter.joined", f"{_JOINED} is not None", moment=_JOINED),
    Term(
        "interpreter.wait",
        f"{_JOINED} is not None",
        "interpreter_wait_ms",
        _JOINED,
        spread=SECOND,
    ),
)

MEASURES = (
    share(
        "resolution.first_exchange",
        "resolution.at_first",
        "resolution.known",
        Words(
            "Settled at the first exchange",
            "Served contacts (live or by callback) of which the agent said that the matter was "
            "settled at the first exchange, of the served contacts of which an agent said whether "
            "it was.",
        ),
        Words(
            "Réglés au premier échange",
            "Contacts servis (en direct ou par rappel) que l’agent a indiqués comme réglés au "
            "premier échange, parmi les contacts servis pour lesquels un agent s’est prononcé.",
        ),
    ),
    share(
        "resolution.unknown_share",
        "served - resolution.known",
        "served",
        Words(
            "First exchange: unknown",
            "Served contacts (live or by callback) of which no agent said whether the matter was "
            "settled at the first exchange, of all served contacts.",
        ),
        Words(
            "Premier échange : inconnu",
            "Contacts servis (en direct ou par rappel) pour lesquels aucun agent n’a indiqué s’ils "
            "étaient réglés au premier échange, parmi tous les contacts servis.",
        ),
    ),
    count(
        "interpreter.requested",
        "contacts",
        Words(
            "Interpreter requested", "Phone contacts for which an interpreter was asked to join."
        ),
        Words(
            "Interprète demandé",
            "Contacts téléphoniques pour lesquels un interprète a été demandé.",
        ),
    ),
    count(
        "interpreter.joined",
        "contacts",
        Words("Interpreter joined", "Phone contacts that an interpreter joined once asked for."),
        Words(
            "Interprète présent",
            "Contacts téléphoniques auxquels un interprète s’est joint après la demande.",
        ),
    ),
    mean(
        "interpreter.wait_mean",
        "interpreter.wait",
        "interpreter.joined",
        "s",
        Words(
            "Wait for an interpreter",
            "Mean time from the first request to the interpreter's joining: the sum over the "
            "contacts that one joined, divided by their number.",
        ),
        Words(
            "Attente d’un interprète",
            "Temps moyen de la première demande à l’arrivée de l’interprète : la somme pour les "
            "contacts auxquels un interprète s’est joint, divisée par leur nombre.",
        ),
    ),
    rank(
        "interpreter.wait_p90",
        "interpreter.wait",
        90,
        "s",
        Words(
            "Wait for an interpreter, 90th percentile",
            "For nine in ten of the contacts that an interpreter joined, the wait for one was this "
            "long or less, in whole seconds.",
        ),
        Words(
            "Attente d’un interprète, 90e centile",
            "Pour neuf contacts sur dix auxquels un interprète s’est joint, l’attente a été de ce "
            "temps ou moins, en secondes entières.",
        ),
    ),
)
