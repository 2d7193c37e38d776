"""One partition while a live worker has it: its state, what goes out of it, how far its copy is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from schemas.board import QueueNow
from schemas.errors import Retry
from schemas.record import ContactRecord
from streams.kafka.outlet import Outlet
from streams.runtimes.board import queues
from streams.runtimes.partition import LivePartition
from streams.runtimes.store_sqlite import SqliteStore

_GLANCE = 20  # looking at who waits takes at most one part in so many of the time
_IN_VAIN = 3  # and after so many times as long as it took in vain, the brokers are asked again


class Copy(NamedTuple):
    """A state file that is to be copied, and a position that is saved in it."""

    number: int
    state: Path
    position: int


class Held:
    """One partition while it is ours."""

    def __init__(
        self, partition: LivePartition, outlet: Outlet, store: SqliteStore, copied: int
    ) -> None:
        self.partition, self.outlet, self.store = partition, outlet, store
        self.copied = copied  # how far its newest copy is; below 0 where there is none
        self.tail = -1  # where Kafka ended a while ago; below 0 where that is not known
        self._ask_again = 0.0
        self._queues: list[QueueNow] = []
        self._looked_at: tuple[int, int | None] | None = None
        self._look_again = 0.0

    @property
    def moved(self) -> bool:
        """Whether it is further than its copy."""
        return self.partition.position > self.copied

    def look(self, bounds: Callable[[], tuple[int, int]]) -> None:
        """Learn where Kafka ends. Who asks in vain keeps others waiting, and so does it seldom.

        Raises:
            Retry: nobody says so at present.
        """
        began = monotonic()
        if began < self._ask_again:
            msg = f"partition {self.partition.number}: where it ends is not known at present"
            raise Retry(msg)
        try:
            self.tail = bounds()[1]
        except Retry:
            self._ask_again = monotonic() + _IN_VAIN * (monotonic() - began)
            raise

    def queues(self, now: int) -> list[QueueNow]:
        """Who waits and talks, as of less than a second ago while there are few contacts."""
        began = monotonic()
        if began >= self._look_again:
            folded = (contact.folded for contact in self.partition.state.contacts.values())
            self._queues = queues((f for f in folded if isinstance(f, ContactRecord)), now)
            self._looked_at = self.partition.saved
            self._look_again = began + max(1.0, _GLANCE * (monotonic() - began))
        return self._queues

    def send(self) -> None:
        """Queue what changed.

        Raises:
            Fenced: another worker has saved to this state: what is in it is not ours to tell.
        """
        with self.store.snapshot():
            self.partition.check()
            look_due = self._looked_at != self.partition.saved and monotonic() >= self._look_again
            self.outlet.send(self.store, self.queues, again=look_due)
