"""Callbacks that went wrong, one a line: those never attempted, then the worst deviations."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from schemas.across import Fidelity
from schemas.departments import zone_of
from schemas.periods import local
from streams.commands.callback_words import minutes
from streams.core.glimpse import Glimpse
from streams.gateway.typography import Language, number, spaced


class Row(Struct, frozen=True, kw_only=True):
    """One callback that went wrong.

    found: `orphaned` (accepted, never attempted), `early` or `late`.
    outcome: `connected`, `cancelled`, `expired` or `open`.
    """

    contact_id: str
    found: str
    outcome: str
    department: str | None
    queue: str | None
    language: str | None
    fidelity: Fidelity

    @classmethod
    def of(cls, record: Glimpse, fidelity: Fidelity) -> Row:
        """The row of a callback."""
        late = (fidelity.deviation_ms or 0) > 0
        return cls(
            contact_id=record.contact_id,
            found="orphaned" if fidelity.attempted_ms is None else "late" if late else "early",
            outcome=_outcome(record),
            department=record.department,
            queue=record.queue,
            language=record.language,
            fidelity=fidelity,
        )


def _outcome(record: Glimpse) -> str:
    if record.callback_connected_ms is not None:
        return "connected"
    if record.callback_cancelled_ms is not None:
        return "cancelled"
    return "open" if record.callback_expired_ms is None else "expired"


_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "orphaned": "never attempted",
        "early": "{by} early",
        "late": "{by} late",
        "connected": "connected",
        "cancelled": "cancelled",
        "expired": "given up",
        "open": "still open",
        "accepted": "accepted",
        "end": "Never attempted: {orphaned}. Callbacks accepted and not cancelled by the caller: "
        "{judged}.",
    },
    "fr": {
        "orphaned": "jamais tenté",
        "early": "{by} trop tôt",
        "late": "{by} trop tard",
        "connected": "abouti",
        "cancelled": "annulé",
        "expired": "on y a renoncé",
        "open": "en attente",
        "accepted": "accepté",
        "end": "Jamais tentés : {orphaned}. Rappels acceptés et non annulés par la personne : "
        "{judged}.",
    },
}


def listed(rows: Sequence[Row], judged: int, language: Language) -> str:
    """The rows as a table, and how many callbacks there are in all."""
    words = _WORDS[language]
    cells = [_cells(row, language) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    orphaned = sum(row.found == "orphaned" for row in rows)
    counts = {"orphaned": number(orphaned, language), "judged": number(judged, language)}
    return "\n".join([*lines, spaced(words["end"].format(**counts), language)])


def _cells(row: Row, language: Language) -> tuple[str, ...]:
    words, size = _WORDS[language], row.fidelity.deviation_size_ms
    found = words[row.found].format(by="" if size is None else minutes(size, language))
    accepted = local(zone_of(row.department), row.fidelity.accepted_ms)
    place = (part or "-" for part in (row.department, row.queue, row.language))
    return (row.contact_id, *place, f"{words['accepted']} {accepted}", found, words[row.outcome])
