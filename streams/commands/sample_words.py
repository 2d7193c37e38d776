"""The words of a working paper, in English and French, key by key the same."""

from __future__ import annotations

from streams.gateway.typography import Language, spaced

_EN = {
    "title": "Working paper: {reference}",
    "excluded": "Excluded: {text}",
    "formula": "Formula: {formula}",
    "period": "Period: {start} to {end} ({zone}). As of {as_of}: what happened later is not "
    "counted.",
    "value": "{parts}{value}, by the published SQL. The contacts behind it, "
    "{contacts} of them, add up to it by the other computation.",
    "percentile": "{value}, at the nearest rank of {denominator}, by the published SQL; these are "
    "of the contacts behind it, {contacts} of them, by the other computation too.",
    "unknown": "unknown",
    "how": "How to draw it again",
    "strata": "1. List the contacts behind the figure (vouch trace FIGURE --contacts): those in "
    "its denominator, or counted. Tell them apart by {by}: these are the strata.",
    "shares": "2. Of the {n} contacts asked for, each stratum gets a share in proportion to its "
    "size. One to which less than one would fall gets one; the others share what is left by the "
    "method of largest remainders (Hamilton): whole parts first, then one each to the largest "
    "remainders; of equal ones to the larger stratum, then to the first in alphabetical order. "
    "Of no more contacts than are asked for, all are taken.",
    "lots": "3. In a stratum, draw those contacts whose number is smallest: the SHA-256, in "
    "hexadecimal, of the seed, a colon and the contact's id. For one of them:",
    "nested": "With the same seed a larger sample holds this one, in every stratum whose share "
    "does not shrink; by largest remainders, a share can.",
    "strata_title": "Strata",
    "contacts": "contacts",
    "drawn": "drawn",
    "sample": "Sample: {drawn} of {contacts} contacts",
    "columns": "Of each event: partition, offset, commit, file (below); when it happened and when "
    "the log took it, UTC; its type; the SHA-256 of its bytes. `again`: delivered before, and read "
    "once. `set aside`: came with other bytes too, of which those with the smaller hash are read.",
    "again": "again",
    "set aside": "set aside",
    "caller": "caller {caller}",
    "contributes": "contributes {parts}",
    "agrees": "agrees?",
    "remarks": "remarks",
    "files": "Files, in the archive's folder, with the SHA-256 of each",
    "archive": "Archive: log, partition, first offset that is not archived, newest commit, and "
    "the SHA-256 of its entry",
}
_FR = {
    "title": "Feuille de travail : {reference}",
    "excluded": "Exclusions : {text}",
    "formula": "Formule : {formula}",
    "period": "Période : {start} à {end} ({zone}). En date du {as_of} : ce qui s’est produit "
    "plus tard n’est pas compté.",
    "value": "{parts}{value}, selon le SQL publié. Les contacts qui le fondent, au "
    "nombre de {contacts}, donnent la même somme selon l’autre calcul.",
    "percentile": "{value}, au rang le plus proche de {denominator}, selon le SQL publié ; ce sont "
    "ceux des contacts qui le fondent, au nombre de {contacts}, selon l’autre calcul aussi.",
    "unknown": "inconnu",
    "how": "Comment le tirer de nouveau",
    "strata": "1. Dresser la liste des contacts qui fondent le chiffre (vouch trace CHIFFRE "
    "--contacts) : ceux du dénominateur, ou ceux qui sont comptés. Les distinguer par {by} : ce "
    "sont les strates.",
    "shares": "2. Des {n} contacts demandés, chaque strate reçoit une part proportionnelle à sa "
    "taille. Celle à qui reviendrait moins d’un contact en reçoit un ; les autres se partagent le "
    "reste selon la méthode des plus forts restes (Hamilton) : les parties entières d’abord, puis "
    "un contact à chacun des plus forts restes ; à égalité, à la plus grande strate, puis à la "
    "première dans l’ordre alphabétique. S’il n’y a pas plus de contacts qu’on en demande, tous "
    "sont pris.",
    "lots": "3. Dans une strate, tirer les contacts dont le numéro est le plus petit : le SHA-256, "
    "en hexadécimal, de la graine, d’un deux-points et de l’identifiant du contact. Pour l’un "
    "d’eux :",
    "nested": "Avec la même graine, un échantillon plus grand contient celui-ci, dans chaque "
    "strate dont la part ne diminue pas ; selon les plus forts restes, une part peut diminuer.",
    "strata_title": "Strates",
    "contacts": "contacts",
    "drawn": "tirés",
    "sample": "Échantillon : {drawn} sur {contacts} contacts",
    "columns": "De chaque événement : partition, position, validation, fichier (plus bas) ; le "
    "moment où il s’est produit et celui où le journal l’a pris, UTC ; son type ; le SHA-256 de "
    "ses octets. `répété` : déjà livré, et lu une fois. `écarté` : venu aussi avec d’autres "
    "octets, dont on lit ceux du plus petit condensat.",
    "again": "répété",
    "set aside": "écarté",
    "caller": "appelant {caller}",
    "contributes": "apporte {parts}",
    "agrees": "concorde ?",
    "remarks": "remarques",
    "files": "Fichiers, dans le dossier des archives, avec le SHA-256 de chacun",
    "archive": "Archives : journal, partition, première position non archivée, dernière "
    "validation, et le SHA-256 de son entrée",
}
WORDS: dict[Language, dict[str, str]] = {"en": _EN, "fr": _FR}


def say(language: Language, key: str, **facts: object) -> str:
    """The words of a key, with their facts."""
    return spaced(WORDS[language][key].format(**facts), language)
