"""Every word of the page that is not the name of a measure, in both languages."""

from __future__ import annotations

from streams.gateway.typography import Language, spaced

MESSAGES: dict[str, dict[Language, str]] = {
    "title": {"en": "Contact centre, live", "fr": "Centre de contact, en direct"},
    "skip": {"en": "Skip to main content", "fr": "Passer au contenu principal"},
    "other_language": {"en": "Français", "fr": "English"},
    "definitions": {"en": "Definitions", "fr": "Définitions"},
    "stamp": {"en": "Live: indicative", "fr": "En direct : à titre indicatif"},
    "stamp_text": {
        "en": "Seconds old, not verified, never published. Late events may still change it.",
        "fr": "Données datant de quelques secondes, non vérifiées, jamais publiées. Des "
        "événements tardifs peuvent encore les modifier.",
    },
    "halted_text": {
        "en": "Part of the service is interrupted: these figures may no longer be up to date. "
        "Not verified, never published.",
        "fr": "Une partie du service est interrompue : ces chiffres ne sont peut-être plus à "
        "jour. Données non vérifiées, jamais publiées.",
    },
    "as_of": {"en": "As of {time}, {date}", "fr": "Situation au {date} à {time}"},
    "zone": {"en": "({zone} time)", "fr": "(heure de {zone})"},
    "no_events": {
        "en": "No event has arrived yet: nothing is known.",
        "fr": "Aucun événement reçu jusqu’ici : rien n’est connu.",
    },
    "departments": {"en": "Departments", "fr": "Ministères"},
    "refresh": {
        "en": "This page refreshes itself every {seconds} seconds.",
        "fr": "Cette page s’actualise toutes les {seconds} secondes.",
    },
    "paused": {
        "en": "This page does not refresh itself.",
        "fr": "Cette page ne s’actualise pas.",
    },
    "pause": {"en": "Stop refreshing", "fr": "Arrêter l’actualisation"},
    "resume": {"en": "Refresh again", "fr": "Reprendre l’actualisation"},
    "queues": {"en": "Queues now", "fr": "Files d’attente actuelles"},
    "queue": {"en": "Queue", "fr": "File"},
    "waiting": {"en": "Waiting", "fr": "En attente"},
    "longest": {"en": "Longest wait", "fr": "Attente la plus longue"},
    "connected": {"en": "Connected", "fr": "En communication"},
    "nobody": {
        "en": "Nobody is waiting or connected.",
        "fr": "Personne n’attend ni n’est en communication avec un agent.",
    },
    "rates": {"en": "Rates today", "fr": "Taux d’aujourd’hui"},
    "waits": {"en": "Waits today", "fr": "Temps d’attente aujourd’hui"},
    "others": {
        "en": "Other channels and agents today",
        "fr": "Autres modes de communication et agents aujourd’hui",
    },
    "funnel": {"en": "Today’s funnel", "fr": "Parcours des contacts d’aujourd’hui"},
    "measure": {"en": "Measure", "fr": "Mesure"},
    "figure": {"en": "Figure", "fr": "Valeur"},
    "count": {"en": "Count", "fr": "Décompte"},
    "number": {"en": "Contacts", "fr": "Nombre de contacts"},
    "of": {"en": "{numerator} of {denominator}", "fr": "{numerator} sur {denominator}"},
    "pending": {
        "en": "Callbacks still pending: {count}. Both rates may yet rise.",
        "fr": "Rappels encore en attente : {count}. Les deux taux peuvent encore augmenter.",
    },
    "adds_up": {
        "en": "Every contact is in one place; each total is the sum of the rows under it.",
        "fr": "Chaque contact est à un seul endroit; chaque total est la somme des lignes qui le "
        "suivent.",
    },
    "does_not_add_up": {
        "en": "To be checked: the rows under “{name}” do not add up to it.",
        "fr": "À vérifier : les lignes sous « {name} » ne donnent pas ce total.",
    },
    "no_carrier": {
        "en": "Without carrier totals, calls blocked in the network cannot be seen.",
        "fr": "Sans les totaux de l’entreprise de télécommunications, les appels bloqués dans le "
        "réseau ne peuvent pas être vus.",
    },
    "unknown": {"en": "unknown", "fr": "inconnu"},
    "unknown_department": {"en": "Department unknown", "fr": "Ministère inconnu"},
    "unknown_department_text": {
        "en": "Facts whose first events, those that name the department, have not come yet.",
        "fr": "Faits dont les premiers événements, ceux qui nomment le ministère, ne sont pas "
        "encore arrivés.",
    },
    "unknown_queue": {"en": "Queue unknown", "fr": "File inconnue"},
    "language_en": {"en": "English", "fr": "anglais"},
    "language_fr": {"en": "French", "fr": "français"},
    "footer": {
        "en": "Counted from the events themselves. What is not known is called “unknown”, never "
        "zero.",
        "fr": "Calculé à partir des événements eux-mêmes. Ce qui n’est pas connu est dit "
        "« inconnu », jamais zéro.",
    },
}


def say(language: Language, key: str, **words: str | int) -> str:
    """A message in a language, its placeholders filled."""
    return spaced(MESSAGES[key][language], language).format(**words)
