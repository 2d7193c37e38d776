"""Agents' time by state, cut at quarter-hours. Being offline is no time of work."""

from functools import partial

from schemas.measures.kinds import Measure, Term, Words
from schemas.measures.rows import count, share
from schemas.vocabulary import STATES

WORKING = tuple(state for state in STATES if state != "offline")
HANDLING = ("talking", "holding", "wrapup")
OCCUPIABLE = (*HANDLING, "ready", "ringing")

_time = partial(Term, value="spent_ms", relation="spells")

TERMS = (
    Term("agent.spells", "True", relation="spells"),
    _time("agent.time", "True"),
    *(_time(f"agent.time.{state}", f"state == '{state}'") for state in WORKING),
    _time("agent.handling", f"state in {HANDLING}"),
    _time("agent.occupiable", f"state in {OCCUPIABLE}"),
)

_STATES = {
    "ready": ("ready", "disponibilité"),
    "ringing": ("ringing", "sonnerie"),
    "talking": ("talking", "conversation"),
    "holding": ("holding", "mise en attente du client"),
    "wrapup": ("after-call work", "travail après appel"),
    "paused": ("paused", "pause"),
}


def _in_state(state: str) -> Measure:
    en, fr = _STATES[state]
    return count(
        f"agent.time.{state}",
        "ms",
        Words(f"Agents' time: {en}", f"Milliseconds that agents spent in the state `{state}`."),
        Words(
            f"Temps des agents : {fr}",
            f"Millisecondes passées par les agents dans l’état `{state}`.",
        ),
    )


MEASURES = (
    count(
        "agent.spells",
        "spells",
        Words(
            "Spells of agents' time",
            "Stretches of agents' time in one state, each within one quarter-hour; what the "
            "measures of agents' time are summed over.",
        ),
        Words(
            "Tranches de temps des agents",
            "Tranches passées dans un même état, chacune à l’intérieur d’un quart d’heure; les "
            "mesures du temps des agents en sont les sommes.",
        ),
    ),
    count(
        "agent.time",
        "ms",
        Words(
            "Agents' time",
            "Milliseconds that agents spent in any state but offline, each in the interval in "
            "which it was spent.",
        ),
        Words(
            "Temps des agents",
            "Millisecondes passées par les agents dans tout état autre que hors ligne, chacune "
            "dans l’intervalle où elle s’est écoulée.",
        ),
    ),
    *map(_in_state, WORKING),
    count(
        "agent.handling",
        "ms",
        Words(
            "Agents' handling time",
            "Milliseconds that agents spent talking, holding or in after-call work (`wrapup`).",
        ),
        Words(
            "Temps de traitement des agents",
            "Millisecondes passées par les agents en conversation, avec un client mis en attente "
            "ou en travail après appel (`wrapup`).",
        ),
    ),
    share(
        "agent.occupancy",
        "agent.handling",
        "agent.occupiable",
        Words(
            "Occupancy",
            "Agents' time talking, holding or in after-call work, of their time in these states, "
            "ready or ringing; pauses are in neither.",
        ),
        Words(
            "Taux d’occupation",
            "Temps des agents en conversation, avec un client mis en attente ou en travail après "
            "appel, rapporté au temps passé dans ces états, disponibles ou en sonnerie; les pauses "
            "ne comptent ni dans l’un ni dans l’autre.",
        ),
    ),
    share(
        "agent.utilisation",
        "agent.handling",
        "agent.time",
        Words(
            "Utilisation",
            "Agents' time talking, holding or in after-call work, of their time in any state but "
            "offline, pauses included.",
        ),
        Words(
            "Taux d’utilisation",
            "Temps des agents en conversation, avec un client mis en attente ou en travail après "
            "appel, rapporté à leur temps dans tout état autre que hors ligne, pauses comprises.",
        ),
    ),
)
