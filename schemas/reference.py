"""How a figure and its period are named in one word: `answer.rate/2026-01/department=ircc`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from schemas.errors import DeadLetter
from schemas.measures import MEASURES
from schemas.record import DIMENSIONS

FORMS = "2026-01-05, 2026-W02, 2026-01, 2026-Q1, FY2025-26 or 2026-01-05..2026-02-01"
_APRIL = 4


@dataclass(frozen=True, slots=True)
class Reference:
    """One figure.

    Attributes:
        measure: its id.
        version: of the definition; None is the one in force at the period's start.
        period: as it was written.
        start, end: local days, half-open.
        dims: what it is of, by dimension; null is "unknown", and a dimension that is not named is
            not split by.
    """

    measure: str
    version: int | None
    period: str
    start: date
    end: date
    dims: dict[str, str | None]

    def __str__(self) -> str:
        version = "" if self.version is None else f"@{self.version}"
        named = ",".join(f"{name}={value or ''}" for name, value in self.dims.items())
        return "/".join(part for part in (f"{self.measure}{version}", self.period, named) if part)


def reference(text: str) -> Reference:
    """The figure that a text names: MEASURE[@VERSION]/PERIOD[/dimension=value,...].

    Raises:
        DeadLetter: an unknown measure or dimension, or a period of no known form.
    """
    name, _, rest = text.partition("/")
    when, _, dims = rest.partition("/")
    measure, at, version = name.partition("@")
    if measure not in MEASURES:
        msg = f"{measure!r}: no such measure (vouch definitions lists them)"
        raise DeadLetter(msg)
    if at and not re.fullmatch(r"[1-9][0-9]{0,3}", version, re.ASCII):
        msg = f"{name!r}: a version is a whole number from 1 on, such as {measure}@1"
        raise DeadLetter(msg)
    start, end = period(when)
    return Reference(measure, int(version) if at else None, when, start, end, _dims(dims))


def _dims(text: str) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for part in filter(None, text.split(",")):
        name, equals, value = part.partition("=")
        if name not in DIMENSIONS or not equals:
            msg = f"{part!r}: not DIMENSION=VALUE, of {', '.join(DIMENSIONS)}"
            raise DeadLetter(msg)
        if name in found:
            msg = f"{part!r}: {name} is named twice"
            raise DeadLetter(msg)
        found[name] = value or None
    return found


def period(text: str) -> tuple[date, date]:
    """The local days [start, end) that a text names; `FORMS` are the forms that are known.

    Raises:
        DeadLetter: none of them, or a period that ends before it begins.
    """
    for form, days in _FORMS.items():
        if found := re.fullmatch(form, text, re.ASCII):
            try:
                start, end = days(*found.groups())
            except ValueError as error:
                msg = f"{text!r}: {error}"
                raise DeadLetter(msg) from error
            if end <= start:
                msg = f"{text!r} ends before it begins"
                raise DeadLetter(msg)
            return start, end
    msg = f"{text!r} is not a period such as {FORMS}"
    raise DeadLetter(msg)


def _day(text: str) -> tuple[date, date]:
    start = date.fromisoformat(text)
    return start, start + timedelta(days=1)


def _week(year: str, week: str) -> tuple[date, date]:
    start = date.fromisocalendar(int(year), int(week), 1)
    return start, start + timedelta(days=7)


def _month(year: str, month: str) -> tuple[date, date]:
    return _months(int(year), int(month), 1)


def _quarter(year: str, quarter: str) -> tuple[date, date]:
    return _months(int(year), 3 * int(quarter) - 2, 3)


def _fiscal_year(year: str, following: str) -> tuple[date, date]:
    if (int(year) + 1) % 100 != int(following):
        msg = "a fiscal year names the next one, such as FY2025-26"
        raise ValueError(msg)
    return _months(int(year), _APRIL, 12)


def _months(year: int, month: int, many: int) -> tuple[date, date]:
    last = month - 1 + many
    return date(year, month, 1), date(year + last // 12, last % 12 + 1, 1)


def _range(first: str, after: str) -> tuple[date, date]:
    return date.fromisoformat(first), date.fromisoformat(after)


_FORMS: dict[str, Callable[..., tuple[date, date]]] = {
    r"(\d{4}-\d\d-\d\d)": _day,
    r"(\d{4})-W(\d\d)": _week,
    r"(\d{4})-Q([1-4])": _quarter,
    r"(\d{4})-(\d\d)": _month,
    r"FY(\d{4})-(\d\d)": _fiscal_year,
    r"(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)": _range,
}
