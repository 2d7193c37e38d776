"""The words in which standards are told, in English and French, key by key the same."""

from __future__ import annotations

from schemas.measures.words import UNITS
from streams.gateway.typography import FINE, Language, number, percent, spaced

WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "standard": "Standards, {since} to {until}, as of {as_of}",
        "commitment": "Commitments",
        "action": "Actions promised",
        "nothing": "No standard, commitment or action is known there.",
        "standard met": "MET",
        "standard not met": "NOT MET",
        "commitment met": "MET",
        "commitment not met": "NOT MET",
        "action met": "DONE",
        "action not met": "DONE LATE",
        "NA": "NA",
        "place": "{name} ({id})",
        "year": "{name}, {since} to {until} ({id})",
        "higher": "{value}, for a target of {target} or more",
        "lower": "{value}, for a target of {target} or less",
        "so_far": "so far {value}",
        "standing": "{above} / {below}, {status}{why}",
        "why": ": {why}",
        "beside": "{name}: {value}",
        "unknown": "unknown",
        "unset": "no standard set",
        "done": "done on {done}, due {due}",
        "not_known": "due {due}; no source says that it was done",
        "offered": "callbacks offered since: {n}",
    },
    "fr": {
        "standard": "Normes, du {since} au {until}, en date du {as_of}",
        "commitment": "Engagements",
        "action": "Mesures promises",
        "nothing": "Aucune norme, aucun engagement ni aucune mesure à cet endroit.",
        "standard met": "RESPECTÉE",
        "standard not met": "NON RESPECTÉE",
        "commitment met": "TENU",
        "commitment not met": "NON TENU",
        "action met": "RÉALISÉE",
        "action not met": "RÉALISÉE EN RETARD",
        "NA": "S. O.",
        "place": "{name} ({id})",
        "year": "{name}, du {since} au {until} ({id})",
        "higher": "{value}, pour une cible de {target} ou plus",
        "lower": "{value}, pour une cible de {target} ou moins",
        "so_far": "jusqu’ici {value}",
        "standing": "{above} / {below}, {status}{why}",
        "why": " : {why}",
        "beside": "{name} : {value}",
        "unknown": "inconnu",
        "unset": "aucune norme établie",
        "done": "réalisée le {done}, échéance le {due}",
        "not_known": "échéance le {due}; aucune source n’en indique la réalisation",
        "offered": "rappels offerts depuis : {n}",
    },
}


def say(language: Language, key: str, **words: str) -> str:
    """A message in a language, its placeholders filled."""
    return written(WORDS[language][key].format(**words), language)


def written(text: str, language: Language) -> str:
    """Words as the language spaces them, before % too."""
    return spaced(text, language).replace(" %", f"{FINE}%" if language == "fr" else "%")


def quantity(value: str, unit: str, language: Language) -> str:
    """An exact decimal or whole number with its unit: 97.90%, 2.500 business days."""
    if unit == "%":
        return percent(value, language)
    words = UNITS[unit]
    return f"{number(value, language)} {words.en if language == 'en' else words.fr}"
