"""The real fold, one contact at a time, and how far a program has come with it."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from schemas.parts import Shift
from schemas.record import ContactRecord
from streams.core.fold import Folded, conclude, gather
from streams.core.registers import COHORT, Registers, add_unattributed, attribute, kind

Values = list[bytes]


class Asked(NamedTuple):
    """What a program is told: where to read, and when to stop."""

    broker: str
    topic: str
    events: int
    seconds: float


def asked() -> Asked:
    """The arguments of this program."""
    broker, topic, events, seconds = sys.argv[1:]
    return Asked(broker, topic, int(events), float(seconds))


def revise(
    values: Values, fresh: Sequence[bytes], was: Folded | None, registers: Registers
) -> tuple[Values, Folded | None]:
    """A contact with fresh events: what it now holds and is, and the registers brought along."""
    held = list(dict.fromkeys([*values, *fresh]))
    if len(held) == len(values):  # repeats only
        return values, was
    is_ = folded(held)
    _add(was, -1, registers)
    _add(is_, 1, registers)
    return held, is_


def folded(values: Values) -> Folded | None:
    """What these events say, at the time of the newest."""
    facts = gather(values) if values else None
    return None if facts is None else conclude(facts, facts.times[-1])


class Contacts:
    """The fold for those that keep the events of a contact as state, and are given one at a time.

    How a contact stands is remembered beside the state, as ours does: nobody folds twice.
    """

    def __init__(self, registers: Registers) -> None:
        self._registers = registers
        self._folded: dict[str, Folded | None] = {}

    def add(self, contact: str, values: Sequence[str], fresh: bytes) -> list[str]:
        """The state of a contact after one more event: the texts of all its events."""
        held = [text.encode() for text in values]
        was = self._folded.get(contact)
        held, self._folded[contact] = revise(held, [fresh], was, self._registers)
        return [one.decode() for one in held]


def _add(one: Folded | None, sign: int, registers: Registers) -> None:
    if isinstance(one, ContactRecord | Shift):
        add_unattributed(one, sign, registers)


class Meter:
    """Counts events; ends the program when enough were seen, or nothing more comes in time."""

    def __init__(self, enough: Asked) -> None:
        self._enough, self._events = enough, 0
        self._began = self._last = 0.0
        self.registers: Registers = {}

    def seen(self, events: int = 1) -> None:
        """So many more events are done; what the first call brings only starts the watch."""
        self._last = time.perf_counter()
        if not self._began:
            self._began = self._last
            threading.Timer(self._enough.seconds, self._end).start()
            return
        self._events += events
        if self._events >= self._enough.events:
            self._end()

    def _end(self) -> NoReturn:
        arrived = sum(
            register.sums.get("arrived", 0)
            for (name, _, _), register in attribute({**self.registers}).items()
            if name == kind("contacts", COHORT)
        )
        told = {"events": self._events, "seconds": self._last - self._began, "arrived": arrived}
        os.write(1, json.dumps(told).encode() + b"\n")  # Faust takes sys.stdout for its log
        os._exit(0)  # none of them can be stopped from inside in a short time
