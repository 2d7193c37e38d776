"""The statuses of figures, and what keeps one from being final, in words of both languages."""

from __future__ import annotations

from typing import Literal

from schemas.measures.kinds import Both

Language = Literal["en", "fr"]

STATUSES = {
    "live": Both("live", "en direct"),
    "provisional": Both("provisional", "provisoire"),
    "final": Both("final", "définitif"),
    "restated": Both("restated", "révisé"),
    "corrected": Both("corrected", "corrigé"),
}

#: `contacts`, `messages` and `repeats` are the relations of which some rows are still open.
WHY = {
    "running": Both("the period is not over", "la période n’est pas terminée"),
    "contacts": Both(
        "{n} still waiting, in the menu or to be called back",
        "encore en attente, dans le menu ou à rappeler : {n}",
    ),
    "messages": Both("{n} without a reply", "sans réponse : {n}"),
    "repeats": Both(
        "{n} served less than a week ago, who may still come back",
        "pris en charge il y a moins d’une semaine, qui peuvent encore revenir : {n}",
    ),
    "young": Both(
        "until {until}, ten days after the close", "jusqu’au {until}, dix jours après la clôture"
    ),
    "no_total": Both(
        "no control total by switch or workforce system",
        "aucun total de contrôle du commutateur ou du système de gestion des effectifs",
    ),
    "outside": Both("{n} in no control total", "hors de tout total de contrôle : {n}"),
    "apart": Both("control totals differ by {n}", "écart de {n} avec les totaux de contrôle"),
    "recomputed": Both(
        "recomputed from the archive alone: only the gate can tell whether it is final",
        "recalculé à partir de la seule archive : seul le contrôle avant publication peut dire "
        "s’il est définitif",
    ),
    "changed": Both(
        "recorded as {was}; the change is not recorded yet",
        "consigné : {was}; le changement n’est pas encore consigné",
    ),
}


def said(words: Both, language: Language, **values: int | str) -> str:
    """Words in a language; whole numbers are written as it writes them."""
    text: str = getattr(words, language)
    comma = "," if language == "en" else "\u202f"
    return text.format(
        **{
            name: f"{value:,}".replace(",", comma) if isinstance(value, int) else value
            for name, value in values.items()
        }
    )
