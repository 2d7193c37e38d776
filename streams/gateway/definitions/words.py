"""Every word of the definitions page that is in no definition, in both languages."""

from __future__ import annotations

from streams.gateway.typography import FINE, Language, spaced

DEFINITIONS: dict[str, dict[Language, str]] = {
    "title": {"en": "Definitions of the measures", "fr": "Définitions des mesures"},
    "skip": {"en": "Skip to main content", "fr": "Passer au contenu principal"},
    "other_language": {"en": "Français", "fr": "English"},
    "live": {"en": "Live page", "fr": "Page en direct"},
    "contents": {"en": "Contents", "fr": "Sommaire"},
    "about": {"en": "How to read a definition", "fr": "Comment lire une définition"},
    "about_text": {
        "en": "{count} measures. This page is made from the same rows of data that the figures "
        "are computed from: nothing here is written twice.",
        "fr": "{count} mesures. Cette page est produite à partir des lignes de données qui "
        "servent à calculer les chiffres : rien n’y est écrit deux fois.",
    },
    "about_terms": {
        "en": "A measure is a sum of terms, or one sum divided by another. A term counts the rows "
        "that meet a condition, or adds up a field of theirs. Terms are integers until the one "
        "division at the end.",
        "fr": "Une mesure est une somme de termes, ou une somme divisée par une autre. Un terme "
        "compte les lignes qui remplissent une condition, ou additionne un de leurs champs. Les "
        "termes restent entiers jusqu’à l’unique division finale.",
    },
    "about_cohort": {
        "en": "A published figure counts rows in the period to which they belong, such as the one "
        "in which a contact arrived, whatever happens later. A count by interval is attributed to "
        "the moment that its term names.",
        "fr": "Un chiffre publié compte les lignes dans la période à laquelle elles appartiennent, "
        "par exemple celle de l’arrivée du contact, quoi qu’il arrive ensuite. Un décompte par "
        "intervalle est attribué au moment que son terme indique.",
    },
    "about_null": {
        "en": "What is not known is null, never zero, and a division by zero is null. The SQL "
        "recomputes each figure from the raw events, apart from the program.",
        "fr": "Ce qui n’est pas connu reste inconnu, jamais zéro; une division par zéro donne un "
        "résultat inconnu. Le SQL recalcule chaque chiffre à partir des événements bruts, "
        "indépendamment du programme.",
    },
    "example": {
        "en": "The same calls as others would report them",
        "fr": "Les mêmes appels, tels que d’autres les présenteraient",
    },
    "example_text": {
        "en": "“Service level” is one word for many formulas. Take one queue and one period: "
        "{asked} contacts asked for an agent; {turned_away} were turned away and {queued} queued. "
        "Of these, {answered} were answered, {answered_within} of them within {threshold} s; "
        "{abandoned} abandoned, {abandoned_within} of them within {threshold} s and "
        "{abandoned_short} within {short} s; {callback_accepted} accepted a callback, all within "
        "{threshold} s; {other_exit} left otherwise.",
        "fr": "« Niveau de service » est un seul nom pour plusieurs formules. Prenons une file et "
        "une période : {asked} contacts ont demandé un agent; {turned_away} ont été refusés et "
        "{queued} mis en file. Parmi ces derniers, {answered} ont été pris en charge, dont "
        "{answered_within} en {threshold} s ou moins; {abandoned} ont abandonné, dont "
        "{abandoned_within} en {threshold} s ou moins et {abandoned_short} en moins de {short} s; "
        "{callback_accepted} ont accepté un rappel, tous en {threshold} s ou moins; {other_exit} "
        "sont sortis autrement.",
    },
    "example_range": {
        "en": "The same calls: from {low} to {high}.",
        "fr": "Les mêmes appels : de {low} à {high}.",
    },
    "example_missing": {
        "en": "Formula 9, of Talkdesk Explore, rests on the calls missed within business hours, "
        "and cannot be told from these counts.",
        "fr": "La formule 9, de Talkdesk Explore, repose sur les appels manqués pendant les heures "
        "d’ouverture et ne peut être déduite de ces décomptes.",
    },
    "formula": {"en": "Formula", "fr": "Formule"},
    "computed": {"en": "Computed", "fr": "Calcul"},
    "value": {"en": "Value", "fr": "Valeur"},
    "measures": {"en": "Measures", "fr": "Mesures"},
    "version": {"en": "version {number}", "fr": "version {number}"},
    "details": {"en": "Terms, rules and SQL", "fr": "Termes, règles et SQL"},
    "of_measure": {"en": "of {name}", "fr": "de {name}"},
    "rank": {
        "en": "percentile {rank} of",
        "fr": "centile {rank} de",
    },
    "exclusions": {"en": "Left out", "fr": "Exclusions"},
    "nothing": {"en": "nothing", "fr": "aucune"},
    "beside": {"en": "Always shown with", "fr": "Toujours présentée avec"},
    "rounding": {"en": "Rounding", "fr": "Arrondi"},
    "row": {"en": "Population: one row is", "fr": "Population : une ligne est"},
    "terms": {"en": "Terms", "fr": "Termes"},
    "counts": {"en": "rows where", "fr": "lignes où"},
    "counts_all": {"en": "every row", "fr": "toutes les lignes"},
    "sums": {"en": "sum of", "fr": "somme de"},
    "over": {"en": "over", "fr": "sur les"},
    "moment": {"en": "by interval, at", "fr": "par intervalle, à"},
    "declared": {
        "en": "the total that somebody else declared",
        "fr": "le total déclaré par quelqu’un d’autre",
    },
    "history": {"en": "Versions", "fr": "Versions"},
    "version_since": {
        "en": "Version {number}, in force from {date}: {change}",
        "fr": "Version {number}, en vigueur à partir du {date} : {change}",
    },
    "version_reason": {"en": "Why: {reason}", "fr": "Motif : {reason}"},
    "version_breaks": {
        "en": "The series breaks here: figures before and after are not comparable.",
        "fr": "Rupture de série : les chiffres d’avant et d’après ne sont pas comparables.",
    },
    "version_parallel": {
        "en": "For periods that start before {date}, version {number} is given too.",
        "fr": "Pour les périodes qui commencent avant le {date}, la version {number} est aussi "
        "donnée.",
    },
    "version_first": {"en": "the first", "fr": "la première"},
    "calendars": {"en": "Calendars", "fr": "Calendriers"},
    "calendars_text": {
        "en": "Business days are counted by dated tables of our own, one for each site. The digest "
        "(SHA-256) of a table changes with any of its entries.",
        "fr": "Les jours ouvrables sont comptés selon nos propres tables datées, une par site. "
        "L’empreinte (SHA-256) d’une table change avec toute modification d’une entrée.",
    },
    "digest": {"en": "Digest", "fr": "Empreinte"},
    "kept_by": {"en": "Kept by", "fr": "Appliqué par"},
    "since": {"en": "{name}, from {date}", "fr": "{name}, à partir du {date}"},
    "kept_by_rest": {
        "en": "departments that name no calendar",
        "fr": "les ministères qui n’en nomment aucun",
    },
    "hours": {"en": "Hours", "fr": "Heures"},
    "hours_since": {
        "en": "{days}, {opens} to {closes}, from {date}",
        "fr": "{days}, de {opens} à {closes}, à partir du {date}",
    },
    "known": {"en": "Closures known", "fr": "Fermetures connues"},
    "known_none": {"en": "none", "fr": "aucune"},
    "closures": {"en": "Closures: {count}", "fr": "Fermetures : {count}"},
    "day": {"en": "Day", "fr": "Jour"},
    "closure": {"en": "Closure", "fr": "Fermeture"},
    "moved": {"en": "for {date}", "fr": "pour le {date}"},
    "closes": {"en": "closes at {time}", "fr": "ferme à {time}"},
    "source": {"en": "Source", "fr": "Source"},
    "sources": {"en": "Sources", "fr": "Sources"},
    "standards": {"en": "Standards and commitments", "fr": "Normes et engagements"},
    "standards_text": {
        "en": "A standard holds for whole periods inside its dates; any other period is NA. Where "
        "no standard was set, none is invented.",
        "fr": "Une norme vaut pour les périodes entières comprises entre ses dates; toute autre "
        "période est s. o. Là où aucune norme n’a été établie, aucune n’est inventée.",
    },
    "standard": {"en": "Standard", "fr": "Norme"},
    "commitment": {"en": "Commitment", "fr": "Engagement"},
    "department": {"en": "Department", "fr": "Ministère"},
    "measure": {"en": "Measure", "fr": "Mesure"},
    "target": {"en": "Target", "fr": "Cible"},
    "at_least": {"en": "{value} or more", "fr": "{value} ou plus"},
    "at_most": {"en": "{value} or less", "fr": "{value} ou moins"},
    "in_force": {"en": "In force", "fr": "En vigueur"},
    "from": {"en": "from {date}", "fr": "à partir du {date}"},
    "from_to": {"en": "{start} to {end}", "fr": "du {start} au {end}"},
    "due": {"en": "Due", "fr": "Échéance"},
    "from_value": {"en": "from {value}", "fr": "au départ : {value}"},
    "unset": {"en": "No standard set", "fr": "Aucune norme établie"},
    "action": {"en": "Action promised", "fr": "Mesure promise"},
    "done": {"en": "Done", "fr": "Réalisée"},
    "not_known": {"en": "no source says so", "fr": "aucune source ne l’indique"},
    "everyday": {"en": "every day", "fr": "tous les jours"},
    "workdays": {"en": "Monday to Friday", "fr": "du lundi au vendredi"},
    "mon": {"en": "Monday", "fr": "lundi"},
    "tue": {"en": "Tuesday", "fr": "mardi"},
    "wed": {"en": "Wednesday", "fr": "mercredi"},
    "thu": {"en": "Thursday", "fr": "jeudi"},
    "fri": {"en": "Friday", "fr": "vendredi"},
    "sat": {"en": "Saturday", "fr": "samedi"},
    "sun": {"en": "Sunday", "fr": "dimanche"},
    "top": {"en": "Back to the contents", "fr": "Retour au sommaire"},
    "footer": {
        "en": "To recompute a figure, see the SQL: it needs nothing but the raw events and stock "
        "DuckDB.",
        "fr": "Pour recalculer un chiffre, voir le SQL : il ne demande que les événements bruts et "
        "DuckDB.",
    },
}


def say(language: Language, key: str, **words: str | int) -> str:
    """A message in a language, its placeholders filled."""
    return text(DEFINITIONS[key][language], language).format(**words)


def text(said: str, language: Language) -> str:
    """Words of a definition as the language writes them, before % too."""
    return spaced(said, language).replace(" %", f"{FINE}%" if language == "fr" else "%")
