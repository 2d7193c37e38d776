"""Talk, hold, after-call work and transfers, of contacts that were served and no others."""

from schemas.measures.kinds import Both, Term, Words
from schemas.measures.rows import count, mean, share

_SERVED = "connected_ms is not None"


def _term(name: str, population: str, value: str = "") -> Term:
    return Term(name, f"{_SERVED} and {population}", value, "connected_ms")


TERMS = (
    _term("talked", "talk_ms is not None"),
    _term("talk", "talk_ms is not None", "talk_ms"),
    _term("hold", "hold_ms is not None", "hold_ms"),
    _term("held", "hold_ms is not None and hold_ms > 0"),
    _term("worked_after", "after_call_ms is not None"),
    _term("after_call", "after_call_ms is not None", "after_call_ms"),
    _term("handled", "handle_ms is not None"),
    _term("handle", "handle_ms is not None", "handle_ms"),
    _term("transferred", "transfers > 0"),
    _term("transfer", "transfers > 0", "transfers"),
    _term("talk_unknown", "talk_ms is None"),
)

MEASURES = (
    mean(
        "talk.mean",
        "talk",
        "talked",
        "s",
        Words(
            "Talk time",
            "Mean time in conversation of those served, holds taken out, where it is known.",
        ),
        Words(
            "Durée de conversation",
            "Temps moyen de conversation des personnes servies, mises en attente par l’agent "
            "exclues, lorsqu’il est connu.",
        ),
        exclusions=Both(
            "contacts whose conversation has no recorded end (talk.unknown counts them)",
            "les contacts dont la conversation n’a pas de fin consignée (talk.unknown les compte)",
        ),
    ),
    count(
        "talk.unknown",
        "contacts",
        Words("Talk time unknown", "Served contacts whose conversation has no recorded end."),
        Words(
            "Durée de conversation inconnue",
            "Contacts servis dont la conversation n’a pas de fin consignée.",
        ),
        "talk_unknown",
    ),
    mean(
        "hold.mean",
        "hold",
        "held",
        "s",
        Words("Hold time", "Mean time on hold, of those served who were put on hold."),
        Words(
            "Durée de mise en attente par l’agent",
            "Temps moyen de mise en attente par l’agent, pour les personnes servies mises en "
            "attente.",
        ),
    ),
    share(
        "hold.rate",
        "held",
        "talked",
        Words("Put on hold", "Put on hold, of those served whose conversation is known."),
        Words(
            "Mis en attente par l’agent",
            "Mis en attente par l’agent, parmi les personnes servies dont la conversation est "
            "connue.",
        ),
    ),
    mean(
        "after_call.mean",
        "after_call",
        "worked_after",
        "s",
        Words("After-call work", "Mean after-call work of those served, where it was recorded."),
        Words(
            "Travail après appel",
            "Durée moyenne du travail après appel pour les personnes servies, si elle est "
            "consignée.",
        ),
    ),
    mean(
        "handle.mean",
        "handle",
        "handled",
        "s",
        Words(
            "Handle time",
            "Mean of talk, hold and recorded after-call work together, of those served.",
        ),
        Words(
            "Durée de traitement",
            "Moyenne de la conversation, de la mise en attente par l’agent et du travail après "
            "appel consigné, pris ensemble, pour les personnes servies.",
        ),
    ),
    share(
        "transfer.rate",
        "transferred",
        "served",
        Words("Transferred", "Contacts with a completed transfer, of those served."),
        Words("Transférés", "Contacts transférés, parmi les personnes servies."),
    ),
    count(
        "transfer.count",
        "events",
        Words(
            "Transfers", "Completed transfers of contacts that were served; each can have several."
        ),
        Words(
            "Transferts",
            "Transferts effectués de contacts servis; un contact peut en compter plusieurs.",
        ),
        "transfer",
    ),
)
