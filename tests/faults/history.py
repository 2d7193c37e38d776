"""The history of a run: what was sent, what was answered and what was done, as JSON lines.

It is written before a request leaves and after its answer came, so that a request without an
answer may or may not have been stored: the checker allows both.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import msgspec

from streams.clock import now_ms


class _Named(msgspec.Struct):
    subject: str = ""
    id: str = ""


_named = msgspec.json.Decoder(_Named).decode


class Sent(msgspec.Struct, frozen=True):
    """An event as it left: whose it is, and the SHA-256 of its bytes in hex."""

    subject: str
    id: str
    sha256: str


class Attempt(msgspec.Struct, frozen=True, tag="attempt"):
    """Events that were sent together; `direct` to the topic, past the gateway."""

    number: int
    at_ms: int
    events: list[Sent]
    direct: bool = False


class Answer(msgspec.Struct, frozen=True, tag="answer"):
    """What came back: the status (0: nobody answered) and words.

    Attributes:
        refused: places of the events that were refused, from 0.
    """

    number: int
    at_ms: int
    status: int
    words: str = ""
    refused: list[int] = []


class Done(msgspec.Struct, frozen=True, tag="done"):
    """What the suite did to the system: a fault, and whom it hit."""

    at_ms: int
    fault: str
    whom: str = ""


Line = Attempt | Answer | Done
_line = msgspec.json.Decoder(Line).decode


def sent(value: bytes) -> Sent:
    """An event as the history names it; what has no subject is known by its hash alone."""
    digest = sha256(value).hexdigest()
    try:
        found = _named(value)
    except msgspec.MsgspecError:
        return Sent("", "", digest)
    return Sent(found.subject, found.id, digest)


class History:
    """Writes the lines of a run; for several threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("ab", buffering=0)
        self._lock = threading.Lock()
        self._number = 0

    def attempt(self, values: Iterable[bytes], *, direct: bool = False) -> int:
        """Write what leaves now; the number by which it is answered."""
        events = [sent(value) for value in values]
        with self._lock:
            self._number += 1
            self._write(Attempt(self._number, now_ms(), events, direct))
            return self._number

    def answer(
        self, number: int, status: int, words: str = "", refused: Sequence[int] = ()
    ) -> None:
        """Write what became of an attempt."""
        with self._lock:
            self._write(Answer(number, now_ms(), status, words[:500], list(refused)))

    def done(self, fault: str, whom: str = "") -> None:
        """Write what is done to the system now."""
        with self._lock:
            self._write(Done(now_ms(), fault, whom))

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _write(self, line: Line) -> None:
        self._file.write(msgspec.json.encode(line) + b"\n")


@dataclass(frozen=True)
class Past:
    """A history read back, counted by the SHA-256 of events.

    Attributes:
        sent: how often each left; it may be stored that often at most.
        acknowledged: how often each was acknowledged; it must be stored that often at least.
        refused: how often each was answered to be refused and kept as a dead letter.
        direct: what went past the gateway.
        faults: what was done, by fault and whom.
    """

    sent: Counter[str] = field(default_factory=Counter)
    acknowledged: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    direct: set[str] = field(default_factory=set)
    faults: Counter[tuple[str, str]] = field(default_factory=Counter)


def read(path: Path) -> Past:
    """Read a history from its file."""
    past, attempts = Past(), dict[int, Attempt]()
    with path.open("rb") as lines:
        for raw in lines:
            match _line(raw):
                case Attempt() as attempt:
                    attempts[attempt.number] = attempt
                    hashes = [event.sha256 for event in attempt.events]
                    past.sent.update(hashes)
                    past.direct.update(hashes if attempt.direct else ())
                case Answer(status=200 | 422) as answer:
                    _count(past, attempts[answer.number].events, set(answer.refused))
                case Done(fault=fault, whom=whom):
                    past.faults[fault, whom] += 1
                case Answer():
                    pass
    return past


def _count(past: Past, events: list[Sent], refused: set[int]) -> None:
    for place, event in enumerate(events):
        kind = past.refused if place in refused else past.acknowledged
        kind[event.sha256] += 1
