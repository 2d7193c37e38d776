"""The funnel that closes: `docs/definitions.md` section 1."""

from schemas.instants import SECOND
from schemas.measures.kinds import Measure, Term, Words
from schemas.measures.rows import count, remainder, share
from schemas.record import SHORT_ABANDON
from schemas.vocabulary import PARTIES, REMOVALS, TURN_AWAYS

ASKED = "asked_ms is not None"
_SHORT_SECONDS = SHORT_ABANDON // SECOND
_SHORT = f"{_SHORT_SECONDS} s"
EXITS = (*REMOVALS, *TURN_AWAYS, *(f"ended_by_{party}" for party in PARTIES[1:]), "lost_sight")

#: The sums of the funnel: a total, and the parts that it is made of to the unit.
SUMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("arrived", ("blocked_before_asking", "self_served", "left_in_ivr", "in_ivr", "asked")),
    ("asked", ("turned_away", "queued")),
    ("queued", ("answered", "abandoned", "callback_accepted", "other_exit", "waiting")),
)

TERMS = (
    Term("arrived", "True"),
    Term("blocked_before_asking", "place == 'blocked_before_asking'", moment="turned_away_ms"),
    Term("self_served", "place == 'self_served'", moment="self_served_ms"),
    Term("left_in_ivr", "place == 'left_in_ivr'", moment="left_menu_ms"),
    Term("hung_up_in_ivr", "place == 'left_in_ivr' and ended_by == 'customer'", moment="ended_ms"),
    Term("in_ivr", "place == 'in_ivr'"),
    Term("asked", ASKED, moment="asked_ms"),
    Term("turned_away", "place == 'turned_away'", moment="turned_away_ms"),
    Term("queued", "queued_ms is not None", moment="queued_ms"),
    Term("answered", "place == 'answered'", moment="exit_ms"),
    Term("abandoned", "place == 'abandoned'", moment="exit_ms"),
    Term(
        "abandoned_short",
        f"place == 'abandoned' and exit_ms - queued_ms < {SHORT_ABANDON:_}",
        moment="exit_ms",
    ),
    Term("callback_accepted", "place == 'callback_accepted'", moment="exit_ms"),
    Term("other_exit", "place == 'other_exit'", moment="exit_ms"),
    Term("waiting", "place == 'waiting'", moment="queued_ms"),
    *(
        Term(
            f"turned_away.{reason}",
            f"place == 'turned_away' and turned_away_reason == '{reason}'",
            moment="turned_away_ms",
        )
        for reason in TURN_AWAYS
    ),
    *(
        Term(
            f"other_exit.{reason}",
            f"place == 'other_exit' and exit_reason == '{reason}'",
            moment="exit_ms",
        )
        for reason in EXITS
    ),
)


def _count(term: str, en: Words, fr: Words) -> Measure:
    return count(f"funnel.{term}", "contacts", en, fr, term)


_REASONS = {
    "blocked": ("blocked", "bloqué"),
    "closed": ("closed", "fermé"),
    "full": ("queue full", "file pleine"),
    "no_agent": ("no agent", "aucun agent"),
    "deflected": ("sent elsewhere", "redirigé ailleurs"),
    "call_later": ("asked to call later", "invité à rappeler"),
    "timeout": ("time ran out", "délai écoulé"),
    "withdrawn": ("withdrawn", "retiré"),
    "overflow": ("overflow", "débordement"),
    "voicemail": ("voicemail", "messagerie vocale"),
    "key": ("left by a key", "sortie par une touche"),
    "empty": ("queue without agents", "file sans agents"),
    "system": ("removed by the system", "retiré par le système"),
    "ended_by_agent": ("ended by an agent", "terminé par un agent"),
    "ended_by_system": ("ended by the system", "terminé par le système"),
    "lost_sight": ("lost sight of", "perdu de vue"),
}


def _by_reason(term: str, reason: str, en: str, fr: str) -> Measure:
    name_en, name_fr = _REASONS[reason]
    return _count(
        f"{term}.{reason}",
        Words(f"{en}: {name_en}", f"The contacts of funnel.{term} whose reason is `{reason}`."),
        Words(
            f"{fr} : {name_fr}",
            f"Les contacts de funnel.{term} dont le motif est `{reason}`.",
        ),
    )


MEASURES = (
    _count(
        "arrived",
        Words("Arrived", "Phone contacts that reached us or tried to, in the period."),
        Words("Arrivés", "Contacts téléphoniques reçus ou tentés au cours de la période."),
    ),
    _count(
        "blocked_before_asking",
        Words("Blocked before asking", "Refused before the menu: busy signal, all lines taken."),
        Words(
            "Bloqués avant la demande",
            "Refusés avant le menu vocal : tonalité d’occupation, toutes les lignes occupées.",
        ),
    ),
    _count(
        "self_served",
        Words("Self-served", "Completed a task in the menu and never asked for an agent."),
        Words(
            "Libre-service",
            "Ont terminé une opération dans le menu vocal sans demander un agent.",
        ),
    ),
    _count(
        "left_in_ivr",
        Words("Left in the menu", "Ended in the menu without a completed task or a request."),
        Words(
            "Partis dans le menu vocal",
            "Fin de l’appel dans le menu, sans opération terminée ni demande d’agent.",
        ),
    ),
    _count(
        "in_ivr",
        Words("Still in the menu", "Neither ended nor asked by the cut-off."),
        Words("Encore dans le menu vocal", "Ni fin ni demande d’agent au moment de référence."),
    ),
    _count(
        "asked",
        Words(
            "Asked for an agent",
            "Chose an agent or was sent to a queue; requests outside opening hours included.",
        ),
        Words(
            "Ont demandé un agent",
            "Ont choisi un agent ou ont été dirigés vers une file, y compris hors des heures "
            "d’ouverture.",
        ),
    ),
    _count(
        "turned_away",
        Words("Turned away", "Asked, and were refused without entering a queue."),
        Words("Refusés", "Ont demandé un agent et ont été refusés sans entrer dans une file."),
    ),
    _count(
        "queued",
        Words("Queued", "Asked and were not turned away; a direct connection waits 0."),
        Words(
            "Mis en file",
            "Ont demandé un agent sans être refusés; une mise en communication directe compte "
            "pour 0 s d’attente.",
        ),
    ),
    _count(
        "answered",
        Words("Answered", "Agent and customer were both connected, live."),
        Words(
            "Pris en charge par un agent",
            "L’agent et le client ont été mis en communication, en direct.",
        ),
    ),
    _count(
        "abandoned",
        Words("Abandoned", "The customer disconnected while queued."),
        Words("Abandonnés", "Le client a raccroché pendant l’attente."),
    ),
    _count(
        "abandoned_short",
        Words(
            f"Abandoned within {_SHORT_SECONDS} seconds",
            f"Abandoned less than {_SHORT} after entering the queue; also inside funnel.abandoned.",
        ),
        Words(
            f"Abandonnés en moins de {_SHORT_SECONDS} secondes",
            f"Abandonnés moins de {_SHORT} après l’entrée en file; comptés aussi dans "
            "funnel.abandoned.",
        ),
    ),
    _count(
        "callback_accepted",
        Words("Accepted a callback", "Left the queue by accepting a callback."),
        Words("Ont accepté un rappel", "Ont quitté la file en acceptant d’être rappelés."),
    ),
    _count(
        "other_exit",
        Words("Other exit", "Left the queue otherwise: removed, overflowed, lost sight of."),
        Words(
            "Autre sortie",
            "Ont quitté la file autrement : retirés, transférés par débordement, perdus de vue.",
        ),
    ),
    _count(
        "waiting",
        Words("Still waiting", "Queued and without an exit at the cut-off."),
        Words("Encore en attente", "En file et sans sortie au moment de référence."),
    ),
    *(_by_reason("turned_away", r, "Turned away", "Refusés") for r in TURN_AWAYS),
    *(_by_reason("other_exit", r, "Other exit", "Autre sortie") for r in EXITS),
    remainder(
        "funnel.unexplained",
        "declared - arrived",
        "contacts",
        Words(
            "Unexplained",
            "Total declared by carrier, switch or workforce system, less what was counted over "
            "the same intervals and dimensions; null where nobody declared one. With several "
            "authorities the widest speaks: carrier, then switch, then workforce.",
        ),
        Words(
            "Écart inexpliqué",
            "Total déclaré par l’entreprise de télécommunications, l’autocommutateur ou le système "
            "de gestion des effectifs, moins le total compté pour les mêmes intervalles et "
            "dimensions; inconnu si personne n’a rien déclaré. S’il y a plusieurs autorités, la "
            "plus large fait foi : entreprise de télécommunications, autocommutateur, puis système "
            "de gestion des effectifs.",
        ),
    ),
    share(
        "answer.rate",
        "answered + callback_connected",
        "asked",
        Words("Answer rate", "Answered live or connected by callback, of those who asked."),
        Words(
            "Taux de réponse",
            "Pris en charge en direct ou joints par rappel, parmi ceux qui ont demandé un agent.",
        ),
        beside=("answer.live_rate", "answer.callback_rate", "access.rate"),
    ),
    share(
        "answer.live_rate",
        "answered",
        "asked",
        Words("Answer rate, live part", "Answered live, of those who asked."),
        Words("Taux de réponse, part en direct", "Pris en charge en direct, parmi les demandes."),
    ),
    share(
        "answer.callback_rate",
        "callback_connected",
        "asked",
        Words("Answer rate, callback part", "Connected by callback, of those who asked."),
        Words("Taux de réponse, part par rappel", "Joints par rappel, parmi les demandes."),
    ),
    share(
        "access.rate",
        "answered + callback_connected + self_served",
        "arrived",
        Words(
            "Access rate",
            "Answered live, connected by callback or self-served, of all who called, blocked "
            "included.",
        ),
        Words(
            "Taux d’accès",
            "Pris en charge en direct, joints par rappel ou servis en libre-service, parmi tous "
            "les appels, bloqués compris.",
        ),
        beside=("answer.rate",),
    ),
    share(
        "abandon.rate",
        "abandoned",
        "asked",
        Words("Abandonment", "Abandoned in the queue, of those who asked."),
        Words("Taux d’abandon", "Abandons en file, parmi ceux qui ont demandé un agent."),
    ),
    share(
        "abandon.rate_long",
        "abandoned - abandoned_short",
        "asked",
        Words(
            "Abandonment without short ones",
            f"Abandoned after {_SHORT} or more, of those who asked.",
        ),
        Words(
            "Taux d’abandon sans les abandons courts",
            f"Abandons après {_SHORT} ou plus, parmi ceux qui ont demandé un agent.",
        ),
    ),
    share(
        "hangup.any",
        "hung_up_in_ivr + abandoned",
        "arrived",
        Words("Hung up anywhere", "Hung up in the menu or abandoned, of all who arrived."),
        Words(
            "Raccrochages (menu ou file)",
            "Raccrochages dans le menu ou en file, parmi les arrivés.",
        ),
    ),
)
