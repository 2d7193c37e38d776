"""How numbers, durations and times are written: English and Canadian French.

French: decimal comma, fine no-break space in thousands and before %, `14 h 5 min 9 s`.
"""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from schemas.instants import HOUR, MINUTE, SECOND

Language = Literal["en", "fr"]
LANGUAGES: tuple[Language, ...] = ("en", "fr")
FINE, FIXED = "\u202f", "\u00a0"  # fine no-break space, no-break space

_DAYS: dict[Language, str] = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
}
_MONTHS: dict[Language, str] = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}


def spaced(text: str, language: Language) -> str:
    """Running text with the no-break spaces that French wants beside : and « »."""
    if language == "en":
        return text
    return text.replace(" :", f"{FIXED}:").replace("« ", f"«{FIXED}").replace(" »", f"{FIXED}»")


def number(value: int | str, language: Language) -> str:
    """An integer or an exact decimal, every digit kept: 1,284.50 or 1 284,50."""
    text = f"{Decimal(value):,f}"
    if language == "en":
        return text
    return text.replace(",", FINE).replace(".", ",")


def percent(value: int | str, language: Language) -> str:
    """63.20% or 63,20 %."""
    return number(value, language) + ("%" if language == "en" else FINE + "%")


def duration(ms: int) -> str:
    """Two units at most, floored: 8 s, 2 min 5 s, 1 h 2 min; the same in both languages."""
    if ms < MINUTE:
        parts = [(ms // SECOND, "s")]
    elif ms < HOUR:
        parts = [(ms // MINUTE, "min"), (ms % MINUTE // SECOND, "s")]
    else:
        parts = [(ms // HOUR, "h"), (ms % HOUR // MINUTE, "min")]
    return FIXED.join(f"{count}{FIXED}{unit}" for count, unit in parts)


def seconds(value: int | str) -> str:
    """A duration in seconds, to the nearest whole one."""
    return duration(int(Decimal(value).quantize(Decimal(1), ROUND_HALF_UP)) * SECOND)


def clock(moment: datetime, language: Language) -> str:
    """14:05:09 or 14 h 5 min 9 s."""
    if language == "en":
        return f"{moment:%H:%M:%S}"
    hour, minute, second = moment.hour, moment.minute, moment.second
    return FIXED.join([str(hour), "h", str(minute), "min", str(second), "s"])


def date(moment: datetime, language: Language) -> str:
    """Monday 5 January 2026 or lundi 5 janvier 2026."""
    day = moment.day
    shown = "1er" if language == "fr" and day == 1 else str(day)
    weekday = _DAYS[language].split()[moment.weekday()]
    month = _MONTHS[language].split()[moment.month - 1]
    return f"{weekday} {shown}{FIXED}{month} {moment.year}"
