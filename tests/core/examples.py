"""Events by hand: one contact, seconds after a moment."""

from __future__ import annotations

from datetime import date

from schemas.event import Data, Event, encode
from schemas.instants import instant, millis
from schemas.rows import Row

START = millis("2026-01-05T14:00:00.000Z")
DAY_OF_START = (date(2026, 1, 5), date(2026, 1, 6))


def raw(kind: str, /, second: float = 0, contact: str = "c", **data: object) -> bytes:
    """One event of a contact; its id is its type and its time."""
    return encode(
        Event(
            time=instant(START + round(second * 1_000)),
            source="acd/1",
            id=f"{kind}@{second}",
            type=kind,
            subject=contact,
            dataschema="urn:vouchline:event:callback.accepted:2" if "accepted" in kind else "",
            data=Data(**data),  # type: ignore[arg-type]
        )
    )


def row(offset: int, value: bytes, contact: str = "c") -> Row:
    """One row of the log."""
    return Row(offset, 0, contact, value)
