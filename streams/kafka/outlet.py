"""What goes out of one partition of the live worker.

Records and dead letters before the state is saved, since what is saved is not applied again;
registers after it, since they are read from it: what a crash keeps back, the next owner sends.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from hashlib import sha256
from time import perf_counter

from msgspec import Raw
from msgspec.json import encode

from schemas.board import QueueNow
from schemas.letters import Letter
from schemas.topics import DEAD_LETTERS, EVENTS, REGISTERS
from streams.kafka.facts import Facts
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
from streams.kafka.records import Records
from streams.kafka.results import Results
from streams.kafka.spent import Spent
from streams.runtimes.partition import Aside
from streams.runtimes.store import Change, Delta, RegisterKey, StateStore

HEAD_BYTES = 4096
_log = logging.getLogger(__name__)


class Outlet:
    """Of one partition while it is ours; a `streams.runtimes.partition.Outlet`.

    Args:
        number: of the partition.
        rules: a name for the log, and for the rules by which its state is made.
        records: where records go.
        results: where everything else does.
        now: the wall clock, in milliseconds.
        facts, spent: what is counted here.
    """

    def __init__(
        self,
        number: int,
        rules: str,
        records: Records,
        results: Results,
        now: Callable[[], int],
        facts: Facts,
        spent: Spent,
    ) -> None:
        self._number, self._rules = number, rules
        self._records, self._results = records, results
        self._now, self._facts, self._spent = now, facts, spent
        self.writer = secrets.token_hex(8)
        self._registers: set[RegisterKey] = set()
        self._declarations: set[str] = set()
        self._whole: Version | None = None
        self._telling: Version | None = None
        self._told: Version | None = None
        self._saving_since = 0.0

    def saving(self, change: Change, asides: Sequence[Aside]) -> None:
        """See `streams.runtimes.partition.Outlet`."""
        began = perf_counter()
        for aside in asides:
            self._set_aside(aside)
        self._results.flush()
        told = [(contact, record) for contact, _, record in change.records]
        self._records.publish(self._number, told, change.position)
        self._facts.letters += len(asides)
        self._saving_since = perf_counter()
        self._spent.produce += self._saving_since - began

    def saved(self, change: Change) -> None:
        """See `streams.runtimes.partition.Outlet`."""
        self._spent.store += perf_counter() - self._saving_since
        self._registers.update(change.deltas)
        self._declarations.update(change.declarations)

    def send(
        self, store: StateStore, queues: Callable[[int], list[QueueNow]], *, again: bool
    ) -> None:
        """Queue what changed since the last time: after an assignment, everything.

        `again`: even if nothing did, for `queues` may say something else now.
        """
        position, now = store.progress()
        if now is None or (Version(position, now) == self._told and not again):
            return
        self._telling = version = Version(position, now)
        if self._whole is None:
            self._send_all(store, version)
        else:
            self._send_changed(store, version)
        self._send(
            progress_key(self.writer),
            Progress(
                rules=self._rules,
                writer=self.writer,
                version=version,
                whole=self._whole or version,
                queues=queues(now),
                counts=store.counts(),
            ),
        )

    def sent(self) -> None:
        """All that was queued is acknowledged; until this is said, it is sent again."""
        if self._telling is not None:
            self._whole = self._whole or self._telling
            self._told, self._telling = self._telling, None
            self._registers.clear()
            self._declarations.clear()

    def _send_all(self, store: StateStore, version: Version) -> None:
        self._send(
            whole_key(self.writer), Whole(rules=self._rules, writer=self.writer, version=version)
        )
        for key, register in store.every_register():
            self._send_register(key, register, version)
        for subject, value in store.declarations().items():
            self._send_declaration(subject, value, version)

    def _send_changed(self, store: StateStore, version: Version) -> None:
        for key in self._registers:
            self._send_register(key, store.register(key), version)
        declared = store.declarations() if self._declarations else {}
        for subject in self._declarations:
            self._send_declaration(subject, declared.get(subject), version)

    def _send_register(self, key: RegisterKey, register: Delta, version: Version) -> None:
        self._send(
            register_key(self.writer, key),
            RegisterAt(
                rules=self._rules,
                writer=self.writer,
                version=version,
                sums=register.sums,
                spreads=register.spreads,
            ),
        )

    def _send_declaration(self, subject: str, value: bytes | None, version: Version) -> None:
        self._send(
            declaration_key(self.writer, subject),
            DeclarationAt(
                rules=self._rules,
                writer=self.writer,
                version=version,
                declaration=Raw(value or b"null"),
            ),
        )

    def _send(self, key: bytes, value: RegisterAt | DeclarationAt | Whole | Progress) -> None:
        self._results.send(REGISTERS, key, encode(value), self._number)

    def _set_aside(self, aside: Aside) -> None:
        row, place = aside.row, f"{EVENTS}/{self._number}/{aside.row.offset}"
        _log.warning("dead letter: %s: %s", place, aside.problem)
        letter = Letter(
            reason="unusable",
            field="",
            problem=aside.problem,
            received_ms=row.intake_ms,
            producer=place,
            sha256=sha256(row.value).hexdigest(),
            size=len(row.value),
            head=row.value[:HEAD_BYTES],
        )
        self._results.send(DEAD_LETTERS, place, encode(letter), self._number)
