"""Clients of the gateway: simulated events at a steady pace, each again until acknowledged."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import islice
from typing import NamedTuple

import msgspec

from schemas.event import Event, encode
from streams.gateway.answers import Report
from streams.simulator import deliver, simulate
from tests.faults.history import History

CLIENTS, BATCH, ANSWER_S = 2, 20, 15.0
START, DAYS = date(2026, 1, 5), 60
SPOILT = 199  # of so many events one comes once more, spoilt: it must become a dead letter
_report = msgspec.json.Decoder(Report).decode


def simulated(seed: int, start: date, scale: float = 0.3) -> Iterator[bytes]:
    """Days of several departments as producers deliver them: repeats, reordered, late, spoilt."""
    events = deliver(simulate(start, DAYS, seed, scale=scale), seed, duplicates=0.03, late=0.05)
    for number, event in enumerate(events):
        yield encode(event)
        if number % SPOILT == 0:
            yield spoilt(event)


def spoilt(event: Event) -> bytes:
    """An event that no gateway takes: its time is none."""
    return encode(msgspec.structs.replace(event, time=f"yesterday, {event.time}"))


class Address(NamedTuple):
    """Where a gateway listens, and what producers show there."""

    host: str
    port: int
    token: str


class Load:
    """Posts batch after batch to whichever gateway there is, and writes the history.

    Attributes:
        to: the gateway to post to; None while there is none, since a free port that is tried
            often enough answers itself.
        failure: what ended a client, which no answer of a gateway may.
    """

    def __init__(self, events: Iterator[bytes], history: History, per_s: float) -> None:
        self.to: Address | None = None
        self.failure: BaseException | None = None
        self.acknowledged = 0
        self._events, self._history = events, history
        self._pause_s = BATCH * CLIENTS / per_s
        self._lock, self._over = threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(CLIENTS)]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Post within it; what has begun is posted until it is acknowledged before it ends."""
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in self._threads:
                thread.join(timeout=120)

    def alive(self) -> bool:
        """Whether all clients go on; raises what ended one of them."""
        if self.failure is not None:
            raise self.failure
        return all(thread.is_alive() for thread in self._threads)

    def batch(self, size: int) -> list[bytes]:
        """The next events."""
        with self._lock:
            return list(islice(self._events, size))

    def insist(self, batch: list[bytes]) -> None:
        """Post a batch until it is answered for good, or the load has ended for a minute."""
        ending: float | None = None
        while not self._post(batch):
            if self._over.is_set():  # whoever stops the load has mended the system before
                ending = ending or time.monotonic() + 60
                if time.monotonic() > ending:
                    return
            time.sleep(0.05)

    def _run(self) -> None:
        try:
            while not self._over.is_set():
                began = time.monotonic()
                self.insist(self.batch(BATCH))
                self._over.wait(max(0.0, self._pause_s - (time.monotonic() - began)))
        except BaseException as failure:
            self.failure = failure
            raise

    def _post(self, batch: list[bytes]) -> bool:
        to = self.to
        if to is None:
            return False
        number = self._history.attempt(batch)
        status, words = post(to, batch)
        refused = _refused(words) if status == 422 else []
        self._history.answer(number, status, words if status != 200 else "", refused)
        if status in (200, 422):
            with self._lock:
                self.acknowledged += len(batch) - len(refused)
            return True
        if status not in (0, 429, 500, 503):
            msg = f"the gateway answered {status}: {words[:300]}"
            raise AssertionError(msg)
        return False


def _refused(words: str) -> list[int]:
    return [fault.index for fault in _report(words.encode()).errors if fault.index is not None]


def post(to: Address, batch: list[bytes]) -> tuple[int, str]:
    """Status and words of the answer; 0 where none came in time, which leaves all open."""
    headers = {
        "Authorization": f"Bearer {to.token}",
        "Content-Type": "application/cloudevents-batch+json",
    }
    connection = http.client.HTTPConnection(to.host, to.port, timeout=ANSWER_S)
    try:
        connection.request("POST", "/events", b"[" + b",".join(batch) + b"]", headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except (OSError, http.client.HTTPException) as error:
        return 0, repr(error)
    finally:
        connection.close()
