"""What the log forgot before it was archived: holes of the commit log that hide events.

    losses/log=L/topic=T/partition=0/<start>-<next>.json      canonical JSON, written once

A hole by itself is harmless: a log may use up positions for itself. A record here says that a
writer came to `start` and found that the log held nothing below `next` any more. That stays true
whoever else writes, so records cannot contradict one another, not even one by a writer that was
stopped for days and knew less than others. What is lost is decided by the commit log, which is
fenced: of the spans recorded, what it holds no row for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import rfc8785
from msgspec import Struct

from schemas.errors import Stop
from schemas.instants import instant
from sinks.archive.entry import Entry, Number
from sinks.archive.layout import LOSSES, Chain

VERSION = 1


class Loss(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A writer at `start` found that the log held nothing below `next`.

    Attributes:
        version: of this form.
        log_id, topic, partition: whose log.
        start, next: the span, `start` <= offset < `next`.
        after_ms: intake of the row before it; null where there is none.
        seen_ms: when that was seen, by the writer's clock.
        writer: who saw it.
    """

    version: int = VERSION
    log_id: str
    topic: str
    partition: Number
    start: Number
    next: Number
    after_ms: int | None
    seen_ms: int
    writer: str


@dataclass(frozen=True, order=True, slots=True)
class Lost:
    """Positions `start` <= offset < `next` that no commit holds a row for, nor ever will.

    Attributes:
        after_ms: no event among them was taken in before that; None: since the log began.
        before_ms: nor after that.
    """

    chain: Chain
    start: int
    next: int
    after_ms: int | None
    before_ms: int

    def __str__(self) -> str:
        after = "the log began" if self.after_ms is None else instant(self.after_ms)
        return (
            f"{self.chain}: {self.next - self.start:,} positions, {self.start} to {self.next - 1}, "
            f"taken in between {after} and {instant(self.before_ms)}"
        )


def form(loss: Loss) -> bytes:
    """The bytes of a record."""
    return rfc8785.dumps(msgspec.to_builtins(loss))


def records(root: Path) -> dict[Chain, list[Loss]]:
    """What was recorded, by chain, in order.

    Raises:
        Stop: a record is unreadable, or out of its place.
    """
    found: dict[Chain, list[Loss]] = {}
    for path in sorted((root / LOSSES).glob("*/*/*/*")):
        chain, loss = _read(root, path)
        found.setdefault(chain, []).append(loss)
    return dict(sorted(found.items()))


def lost(chain: Chain, recorded: Iterable[Loss], entries: Iterable[Entry]) -> list[Lost]:
    """Of the spans recorded, those that the commits of the chain hold no row for."""
    found, tail, every = [], 0, sorted(recorded, key=lambda loss: (loss.start, loss.next))
    for entry in entries:
        for start, end in entry.holes:
            before = entry.min_intake_ms if start == entry.start else entry.max_intake_ms
            found += _within(chain, every, start, end, before)
        tail = entry.next
    beyond = max((loss.next for loss in every), default=0)
    return found + _within(chain, every, tail, beyond, None)


def _within(
    chain: Chain, recorded: list[Loss], start: int, end: int, before_ms: int | None
) -> list[Lost]:
    """The recorded spans, joined where they meet, as far as they lie in a hole."""
    found: list[Lost] = []
    for loss in recorded:
        first, last = max(loss.start, start), min(loss.next, end)
        if first >= last:
            continue
        after, before = loss.after_ms, loss.seen_ms if before_ms is None else before_ms
        if found and first <= found[-1].next:
            whole = found.pop()
            first, last = whole.start, max(last, whole.next)
            after, before = whole.after_ms, max(before, whole.before_ms)
        found.append(Lost(chain, first, last, after, before))
    return found


def _read(root: Path, path: Path) -> tuple[Chain, Loss]:
    try:
        raw = path.read_bytes()
        loss = msgspec.json.decode(raw, type=Loss)
        chain = Chain(loss.log_id, loss.topic, loss.partition)
    except (OSError, msgspec.MsgspecError, ValueError) as error:
        msg = f"{path}: not the record of a loss: {error}"
        raise Stop(msg) from error
    here = root / chain.loss(loss.start, loss.next)
    if (here, form(loss), loss.version) != (path, raw, VERSION) or loss.start >= loss.next:
        msg = f"{path}: not the record of a loss at this place"
        raise Stop(msg)
    return chain, loss
