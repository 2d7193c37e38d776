"""The words in which callbacks are told, in English and French, key by key the same."""

from __future__ import annotations

from schemas.instants import SECOND
from streams.gateway.typography import FIXED, Language

_EN = {
    "head": "{id}, as of {clock} on {date}",
    "came": "The caller arrived at {arrived}, joined the queue at {entered} and accepted a "
    "callback at {accepted}.",
    "came_only": "The caller arrived at {arrived} and accepted a callback at {accepted}.",
    "before": "The comparable call before, {id}, joined the queue at {entered} and was answered "
    "at {answered}.",
    "after": "The comparable call after, {id}, joined the queue at {entered} and was answered at "
    "{answered}.",
    "both": "So the caller would have been answered between {lower} and {upper}.",
    "crossed": "The two crossed: the one before was answered after the one after. The bracket "
    "reaches from the one answer to the other all the same.",
    "only_before": "No comparable call joined within {apart} minutes after: the caller would have "
    "been answered at {lower} or later, so a ring can be shown to be early, but not late.",
    "only_after": "No comparable call joined within {apart} minutes before: the caller would have "
    "been answered at {upper} or earlier, so a ring can be shown to be late, but not early.",
    "none": "No comparable call (same queue, skill, language, priority and opening session) joined "
    "within {apart} minutes and was answered live: the right moment cannot be told.",
    "unjudged": "It is not judged: {why}.",
    "by_caller": "the caller cancelled it at {at}",
    "not_queued": "the contact never was in a queue",
    "attempted": "We first rang at {at}{how}.",
    "missed": "Nobody ever rang: the callback was missed.",
    "connected": "An agent and the caller were connected at {at}{attempt}{how}.",
    "attempt": ", on attempt {number}",
    "unconnected": "No agent was ever connected with the caller.",
    "open": "The callback is still open.",
    "cancelled": "It was cancelled at {at} by {by}.",
    "expired": "It was given up at {at}.",
    "within": ", within the bracket",
    "not_early": ", which is not early",
    "not_late": ", which is not late",
    "early": ", {by} early",
    "late": ", {by} late",
    "window": "A window was announced, from {since} to {until}: {kept}.",
    "no_window": "No window was announced.",
    "kept": "the promise was kept",
    "broken": "the promise was broken",
    "undecided": "it is not decided yet whether the promise was kept",
    "void": "the promise is void, since the caller cancelled",
    "customer": "the caller",
    "agent": "an agent",
    "system": "the system",
    "unknown": "nobody knows whom",
    "moment": "{clock} on {date}",
    "short": "less than 1 s",
}
_FR = {
    "head": "{id}, en date du {date} à {clock}",
    "came": "La personne a appelé à {arrived}, est entrée dans la file à {entered} et a "
    "accepté un rappel à {accepted}.",
    "came_only": "La personne a appelé à {arrived} et a accepté un rappel à {accepted}.",
    "before": "L’appel comparable d’avant, {id}, est entré dans la file à {entered} et a été pris "
    "en charge à {answered}.",
    "after": "L’appel comparable d’après, {id}, est entré dans la file à {entered} et a été pris "
    "en charge à {answered}.",
    "both": "La personne aurait donc obtenu sa réponse entre {lower} et {upper}.",
    "crossed": "Les deux se croisent : l’appel d’avant a été pris en charge après celui d’après. "
    "L’intervalle va tout de même d’une réponse à l’autre.",
    "only_before": "Aucun appel comparable n’est entré dans les {apart} minutes suivantes : la "
    "personne aurait obtenu sa réponse à {lower} ou plus tard; une avance peut être constatée, "
    "mais pas un retard.",
    "only_after": "Aucun appel comparable n’est entré dans les {apart} minutes précédentes : la "
    "personne aurait obtenu sa réponse à {upper} ou plus tôt; un retard peut être constaté, mais "
    "pas une avance.",
    "none": "Aucun appel comparable (même file, compétence, langue, priorité et séance "
    "d’ouverture) n’est entré à moins de {apart} minutes et n’a été pris en charge en direct : le "
    "bon moment ne peut être établi.",
    "unjudged": "Le rappel n’est pas évalué : {why}.",
    "by_caller": "la personne l’a annulé à {at}",
    "not_queued": "le contact n’a jamais été dans une file",
    "attempted": "Première tentative à {at}{how}.",
    "missed": "Aucune tentative n’a été faite : le rappel a été manqué.",
    "connected": "La personne a été mise en communication avec un agent à {at}{attempt}{how}.",
    "attempt": ", à la tentative nº {number}",
    "unconnected": "La personne n’a jamais été mise en communication avec un agent.",
    "open": "Le rappel est toujours en attente.",
    "cancelled": "Il a été annulé à {at} par {by}.",
    "expired": "On y a renoncé à {at}.",
    "within": ", dans l’intervalle",
    "not_early": ", donc pas trop tôt",
    "not_late": ", donc pas trop tard",
    "early": ", {by} trop tôt",
    "late": ", {by} trop tard",
    "window": "Une plage a été annoncée, de {since} à {until} : {kept}.",
    "no_window": "Aucune plage n’a été annoncée.",
    "kept": "la promesse a été tenue",
    "broken": "la promesse n’a pas été tenue",
    "undecided": "on ne sait pas encore si la promesse sera tenue",
    "void": "la promesse est sans objet, la personne ayant annulé",
    "customer": "la personne",
    "agent": "un agent",
    "system": "le système",
    "unknown": "on ne sait qui",
    "moment": "{clock} le {date}",
    "short": "moins de 1 s",
}
WORDS: dict[Language, dict[str, str]] = {"en": _EN, "fr": _FR}


def minutes(ms: int, language: Language) -> str:
    """A duration in minutes and seconds, floored: 2 min 30 s."""
    if ms < SECOND:
        return WORDS[language]["short"]
    whole, seconds = divmod(ms // SECOND, 60)
    return f"{whole}{FIXED}min{FIXED}{seconds}{FIXED}s" if whole else f"{seconds}{FIXED}s"
