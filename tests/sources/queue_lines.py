"""Lines of queue logs, invented, and what the importer makes of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

from schemas.event import Event, decoder
from schemas.parts import Shift
from schemas.record import ContactRecord
from streams.core.fold import fold
from streams.sources.files import lines_of
from streams.sources.port import Entry, OneKey, Rejected, Tally
from streams.sources.queue_log import QueueLog
from streams.sources.queue_log.facts import Exchange

KEY = b"a key of tests"
NOW = 4_102_444_800_000  # 2100: every event lies before it
TORONTO = ZoneInfo("America/Toronto")
EXCHANGE = Exchange("pbx", OneKey(KEY), "esdc", TORONTO)
LOG = QueueLog(EXCHANGE, NOW)
T = 1_767_621_600  # 5 January 2026, 9:00 in Toronto
CALL = f"{T - 5}.7"
FIXTURES = Path(__file__).parents[1] / "fixtures" / "queue_log"


def line(at: int, event: str, *data: object, call: str = CALL, q: str = "a", who: str = "") -> str:
    """A line `at` seconds after T."""
    return "|".join(map(str, (T + at, call, q, who or "NONE", event, *data)))


def entered(at: int = 0, q: str = "a", position: int = 1) -> str:
    return line(at, "ENTERQUEUE", "", "5145550100", position, q=q)


def connected(at: int, held: int, q: str = "a", who: str = "SIP/1") -> str:
    return line(at, "CONNECT", held, f"{T}.8", min(held, 5), q=q, who=who)


def found(lines: Iterable[str | bytes], tally: Tally | None = None) -> list[Entry | Rejected]:
    raws = (one.encode() if isinstance(one, str) else one for one in lines)
    given = LOG.read(raws, "test", Tally() if tally is None else tally)
    return [one for facts in given for one in ([facts] if isinstance(facts, Rejected) else facts)]


def entries(lines: Iterable[str | bytes], tally: Tally | None = None) -> list[Entry]:
    return [one for one in found(lines, tally) if not isinstance(one, Rejected)]


def rejected(lines: Iterable[str | bytes]) -> list[str]:
    return [one.reason for one in found(lines) if isinstance(one, Rejected)]


def events(*lines: str) -> list[Event]:
    """In the order of events, each once."""
    return sorted({decoder.decode(value) for _, value in entries(lines)})


def folded(lines: Iterable[str | bytes]) -> dict[str, object]:
    """Subject -> what its events add up to."""
    values: dict[str, list[bytes]] = {}
    for subject, value in entries(lines):
        values.setdefault(subject, []).append(value)
    return {subject: fold(told, NOW) for subject, told in values.items()}


def records(lines: Iterable[str | bytes]) -> dict[str, ContactRecord]:
    """Call id -> its contact."""
    everything = folded(lines).values()
    contacts = [one for one in everything if isinstance(one, ContactRecord)]
    return {one.contact_id.removeprefix("pbx-"): one for one in contacts}


def shifts(lines: Iterable[str | bytes]) -> dict[str, Shift]:
    everything = folded(lines).values()
    return {one.shift_id: one for one in everything if isinstance(one, Shift)}


def record(*lines: str) -> ContactRecord:
    (only,) = records(lines).values()
    return only


def fixture(name: str) -> list[bytes]:
    return list(lines_of(FIXTURES / name))
