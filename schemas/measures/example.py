"""The same calls as others would report them: the worked example of service level.

One queue and one period, counted once; the published formulas of well-known systems then give
40 % to 67 % under one word (`docs/definitions.md` section 2.1).
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas.measures import combination, service_level
from schemas.measures.kinds import Both, Measure, quotient

#: What was counted, by term.
COUNTED = {
    "asked": 1_000,
    "turned_away": 200,
    "queued": 800,
    "answered": 600,
    "answered_within": 400,
    "abandoned": 120,
    "abandoned_within": 60,
    "abandoned_short": 30,
    "callback_accepted": 50,
    "callback_within": 50,
    "other_exit": 30,
}

_CISCO_EN, _CISCO_FR = "Cisco, abandoned calls", "Cisco, abandons"
#: Who reports so by default or by a setting, by measure.
REPORTED_BY = {
    "answered_only": Both(
        "Asterisk, Wazo; Genesys Cloud without abandonments",
        "Asterisk, Wazo; Genesys Cloud sans les abandons",
    ),
    "abandons_positive": Both(
        f"Asterisk (second figure); {_CISCO_EN} “positive”",
        f"Asterisk (second chiffre); {_CISCO_FR} « positifs »",
    ),
    "left_queue": Both("Amazon Connect, by default", "Amazon Connect, par défaut"),
    "offered": Both("Genesys Cloud, by default", "Genesys Cloud, par défaut"),
    "short_excluded": Both(
        "Genesys Cloud without short abandonments; Talkdesk Live",
        "Genesys Cloud sans les abandons courts; Talkdesk Live",
    ),
    "exits_included": Both(
        "Genesys Cloud with flow-outs", "Genesys Cloud avec les sorties de file"
    ),
    "abandons_ignored": Both(f"{_CISCO_EN} “ignored”", f"{_CISCO_FR} « ignorés »"),
    "abandons_negative": Both(f"{_CISCO_EN} “negative”", f"{_CISCO_FR} « négatifs »"),
    "client_view": Both(
        "No system by default: what auditors recompute",
        "Aucun système par défaut : ce que les vérificateurs recalculent",
    ),
}


@dataclass(frozen=True, slots=True)
class Reported:
    """One formula over the example: its integers, its value, and who reports so."""

    measure: Measure
    numerator: int
    denominator: int
    value: str
    by: Both


def reported() -> list[Reported]:
    """Every variant of service level over the example, in the order of the variants."""
    return [_reported(measure) for measure in service_level.MEASURES]


def _reported(measure: Measure) -> Reported:
    numerator, denominator = _total(measure.numerator), _total(measure.denominator)
    value = quotient(measure.kind, measure.unit, numerator, denominator) or ""
    by = REPORTED_BY[measure.id.removeprefix("service_level.")]
    return Reported(measure, numerator, denominator, value, by)


def _total(terms: str) -> int:
    return sum(times * COUNTED[name] for times, name in combination(terms))
