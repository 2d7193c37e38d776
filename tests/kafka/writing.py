"""Live workers as the mirror hears of them: a fold by rule of thumb, and what is written of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from schemas.instants import MINUTE, QUARTER_HOUR, SECOND, millis
from schemas.record import Declaration
from schemas.rows import Row
from streams.kafka.messages import (
    DeclarationAt,
    Progress,
    RegisterAt,
    Version,
    Whole,
    declaration_key,
    progress_key,
    register_key,
    whole_key,
)
from streams.runtimes.store import Delta, RegisterKey, StateStore

RULES = "log-rules"
START = millis("2026-01-05T14:00:00.000Z")
#: A contact that is silent for so long is lost.
PATIENCE = 10 * MINUTE


class Touch(NamedTuple):
    """A row of the log: a contact is touched at an instant; or a total is declared."""

    contact: int
    at: int
    declares: bool = False


@dataclass
class State:
    """What is true of the rows below a position, at an instant: of these two, and nothing else."""

    version: Version
    registers: dict[RegisterKey, Delta] = field(default_factory=dict)
    declarations: dict[str, bytes] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        return {"rows": self.version.position}


def fold(log: Sequence[Touch], version: Version) -> State:
    """Each contact is open, or lost, in the quarter of its first touch."""
    state, first, last = State(version), dict[int, int](), dict[int, int]()
    for touch in log[: version.position]:
        if touch.declares:
            state.declarations[f"d{touch.contact}"] = declared(touch)
        else:
            first.setdefault(touch.contact, touch.at)
            last[touch.contact] = max(touch.at, last.get(touch.contact, 0))
    for contact, at in first.items():
        lost = version.now_ms - last[contact] >= PATIENCE
        waited = (last[contact] - at) // SECOND
        one = Delta({"lost" if lost else "arrived": 1}, {"waits": {waited: 1}})
        state.registers.setdefault(register_of(contact, at), Delta()).add(one)
    return state


def register_of(contact: int, at: int) -> RegisterKey:
    queue = f"q{contact % 2}" if contact else None
    dims = ("ircc", None, queue, "phone", None, None, None, None)
    return "contacts.cohort", at - at % QUARTER_HOUR, msgspec.json.encode(dims).decode()


def declared(touch: Touch) -> bytes:
    start = touch.at - touch.at % QUARTER_HOUR
    return msgspec.json.encode(
        Declaration(
            subject=f"d{touch.contact}",
            of="arrived",
            count=touch.at % 100,
            start_ms=start,
            end_ms=start + QUARTER_HOUR,
            attribution="cohort",
            authority="carrier",
            department="ircc",
            queue="q1",
        )
    )


@dataclass
class Writer:
    """A live worker that has the partition, or believes so.

    Attributes:
        topic: what everybody writes to.
        state: as far as it has come.
        told: what it has written.
    """

    name: str
    log: Sequence[Touch]
    topic: Topic
    state: State
    told: State | None = None

    def read(self, rows: int) -> None:
        """Some rows of the log; the clock is theirs, if that is newer."""
        position = min(self.state.version.position + rows, len(self.log))
        newest = max((touch.at for touch in self.log[:position]), default=0)
        now = max(self.state.version.now_ms, newest)
        self.state = fold(self.log, Version(position, now))

    def hear(self, now: int) -> None:
        """The clock of all partitions."""
        at = self.state.version
        self.state = fold(self.log, Version(at.position, max(at.now_ms, now)))

    def write(self, upto: int | None = None) -> None:
        """What changed, or all there is; only the first messages of it when it dies in between."""
        found = list(self._messages())
        for key, value in found[:upto]:
            self.topic.append(key, value)
        if upto is None:
            self.told = self.state

    def _messages(self) -> Iterator[tuple[bytes, bytes]]:
        is_, was = self.state, self.told or State(Version(0, 0))
        more: dict[str, Any] = {"rules": RULES, "writer": self.name, "version": is_.version}
        if self.told is None:
            yield whole_key(self.name), msgspec.json.encode(Whole(**more))
        for key in is_.registers.keys() | was.registers.keys():
            here = is_.registers.get(key, Delta())
            if here != was.registers.get(key):
                register = RegisterAt(**more, sums=here.sums, spreads=here.spreads)
                yield register_key(self.name, key), msgspec.json.encode(register)
        for subject, value in is_.declarations.items():
            if value != was.declarations.get(subject):
                raw = DeclarationAt(**more, declaration=msgspec.Raw(value))
                yield declaration_key(self.name, subject), msgspec.json.encode(raw)
        progress = Progress(**more, whole=is_.version, counts=is_.counts)
        yield progress_key(self.name), msgspec.json.encode(progress)


def told(store: StateStore, name: str = "w") -> list[Row]:
    """All that the owner of a partition writes when it was assigned."""
    position, now = store.progress()
    version, topic = Version(position, now or 0), Topic()
    more: dict[str, Any] = {"rules": RULES, "writer": name, "version": version}
    topic.append(whole_key(name), msgspec.json.encode(Whole(**more)))
    for key, found in store.every_register():
        register = RegisterAt(**more, sums=found.sums, spreads=found.spreads)
        topic.append(register_key(name, key), msgspec.json.encode(register))
    for subject, value in store.declarations().items():
        declaration = DeclarationAt(**more, declaration=msgspec.Raw(value))
        topic.append(declaration_key(name, subject), msgspec.json.encode(declaration))
    progress = Progress(**more, whole=version, counts=store.counts())
    topic.append(progress_key(name), msgspec.json.encode(progress))
    return topic.rows


@dataclass
class Topic:
    """One partition of the registers' topic."""

    rows: list[Row] = field(default_factory=list)
    end: int = 0
    clock: int = 0

    def append(self, key: bytes, value: bytes) -> None:
        self.rows.append(Row(self.end, self.clock, key.decode(), value))
        self.end += 1

    def compact(self, below: int) -> None:
        """Of what is older, only the last value of every key is kept."""
        last = {row.key: row.offset for row in self.rows}
        self.rows = [row for row in self.rows if row.offset >= below or last[row.key] == row.offset]

    def read(self, offset: int, limit: int) -> list[Row]:
        return [row for row in self.rows if row.offset >= offset][:limit]
