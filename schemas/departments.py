"""Departments as effective-dated data: their names, and whose midnight cuts their days.

To add one, add a row. A changed name is a new row with its own first day; the old row stays,
because figures of its time keep it. A department's zone does not change, and the rows of one id
share it: a day has one midnight, whatever day it is asked about. One that moves gets a new id.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

HEADQUARTERS = "America/Toronto"  # the National Capital Region


@dataclass(frozen=True, slots=True)
class Department:
    """A department from a day on, until a later row of the same id begins.

    Attributes:
        id: what events carry in `data.department`.
        effective_from: the first local day the row holds.
        zone: the zone of its local days.
    """

    id: str
    effective_from: date
    zone: str
    en: str
    fr: str


#: Sorted by id, then by day.
DEPARTMENTS = (
    Department(
        "bank",
        date(1999, 1, 1),
        "Asia/Jerusalem",
        "Anonymous bank (call log of 1999)",
        "Banque anonyme (journal d’appels de 1999)",
    ),
    Department(
        "esdc",
        date(2013, 7, 15),
        HEADQUARTERS,
        "Employment and Social Development Canada",
        "Emploi et Développement social Canada",
    ),
    Department(
        "ircc",
        date(1994, 6, 23),
        HEADQUARTERS,
        "Citizenship and Immigration Canada",
        "Citoyenneté et Immigration Canada",
    ),
    Department(
        "ircc",
        date(2015, 11, 4),
        HEADQUARTERS,
        "Immigration, Refugees and Citizenship Canada",
        "Immigration, Réfugiés et Citoyenneté Canada",
    ),
    Department(
        "vac",
        date(1990, 1, 1),  # older than our zone data
        "America/Halifax",  # Charlottetown
        "Veterans Affairs Canada",
        "Anciens Combattants Canada",
    ),
)


def department(name: str | None, on: date = date.max) -> Department | None:
    """The row in force on a day, by default the newest; null where there is none."""
    rows = [row for row in DEPARTMENTS if row.id == name and row.effective_from <= on]
    return rows[-1] if rows else None


def zone_of(name: str | None) -> str:
    """The zone of a department's days; headquarters' where it is unknown or not listed."""
    row = department(name)
    return row.zone if row else HEADQUARTERS
