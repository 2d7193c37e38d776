"""Rows of a bank's call log, invented, and what the importer makes of them."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from schemas.event import Event, decoder
from schemas.record import ContactRecord
from streams.core.fold import fold
from streams.sources.port import Entry, OneKey, Rejected, Tally
from streams.sources.technion import Technion
from streams.sources.technion_rows import COLUMNS

KEY = b"a key of tests"
NOW = 4_102_444_800_000  # 2100: every event lies before it
SOURCE = Technion(OneKey(KEY), ZoneInfo("Asia/Jerusalem"))
HEADER = "\t".join(COLUMNS).encode() + b"\n"

# Local time is two hours ahead of UTC in June; the clock is changed in April and September.
QUEUED = {
    "vru+line": "BB0301",
    "call_id": "70001",
    "customer_id": "123456",
    "priority": "2",
    "type": "PS",
    "date": "990210",
    "vru_entry": "9:00:00",
    "vru_exit": "9:00:10",
    "vru_time": "10",
    "q_start": "9:00:10",
    "q_exit": "9:01:00",
    "q_time": "50",
    "outcome": "AGENT",
    "ser_start": "9:00:59",
    "ser_exit": "9:03:00",
    "ser_time": "121",
    "server": "NOAM",
}
NO_QUEUE = {"q_start": "0:00:00", "q_exit": "0:00:00", "q_time": "0"}
NO_SERVICE = {
    "ser_start": "0:00:00",
    "ser_exit": "0:00:00",
    "ser_time": "0",
    "server": "NO_SERVER",
}
DIRECT = QUEUED | NO_QUEUE | {"ser_start": "9:00:10", "ser_exit": "9:03:00", "ser_time": "170"}
ABANDONED = QUEUED | NO_SERVICE | {"outcome": "HANG"}
LEFT = ABANDONED | NO_QUEUE


def line(columns: dict[str, str]) -> bytes:
    return "\t".join(columns[name] for name in COLUMNS).encode() + b"\n"


def entries(lines: Iterable[bytes], tally: Tally | None = None) -> list[Entry]:
    found = SOURCE.read(lines, "test.txt", Tally() if tally is None else tally)
    return [entry for facts in found if not isinstance(facts, Rejected) for entry in facts]


def rejected(lines: Iterable[bytes], tally: Tally | None = None) -> list[Rejected]:
    found = SOURCE.read(lines, "test.txt", Tally() if tally is None else tally)
    return [facts for facts in found if isinstance(facts, Rejected)]


def events(*rows: dict[str, str]) -> list[Event]:
    return [decoder.decode(value) for _, value in entries(map(line, rows))]


def record(*rows: dict[str, str]) -> ContactRecord:
    folded = fold([value for _, value in entries(map(line, rows))], NOW)
    assert isinstance(folded, ContactRecord)
    return folded


def dirt(*rows: dict[str, str]) -> dict[str, int]:
    tally = Tally()
    entries(map(line, rows), tally)
    return dict(tally.dirty)
