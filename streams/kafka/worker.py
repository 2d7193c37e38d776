"""The live role: a Faust application in a thread of its own, and the partitions that it is given.

What passes (brokers away, disk full) is waited out. An application that ended by anything else
than a contradiction in the data is begun again.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from schemas.errors import Stop, VouchError
from schemas.topics import EVENTS
from streams.clock import now_ms
from streams.home import rules
from streams.kafka.clients import check
from streams.kafka.facts import Facts
from streams.kafka.live import Live
from streams.kafka.owned import Owned, Place
from streams.kafka.records import Membership
from streams.kafka.settings import Kafka
from streams.kafka.spent import Spent
from streams.kafka.transport import Application, Limits, application, ended

#: How much is fetched ahead of the fold, per partition: large batches fold a contact about once.
LIMITS = Limits(rows=100_000, size=48 << 20)
PATIENCE_S = 1.0
LONGEST_STOP_S = 120
_log = logging.getLogger(__name__)


class LiveRole:
    """Counts, as one of any number of processes that share the partitions.

    Attributes:
        trouble: why it cannot go on at present; None while it can.
        failure: the error that ended it; None while it has not.
        facts, spent: for operators.

    Args:
        place: the data folder.
        kafka: the brokers.
        failed: called in the role's thread when a failure ended it.
    """

    name = "live"

    def __init__(self, place: Place, kafka: Kafka, failed: Callable[[], object]) -> None:
        self.failure: Exception | None = None
        self.facts, self.spent = Facts(), Spent()
        self._place, self._kafka, self._failed = place, kafka, failed
        self._trouble: str | None = None
        self._live: Live | None = None
        self._ending = threading.Event()
        self._wake: Callable[[], object] = _nothing  # tells the loop that it is so
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)

    @property
    def trouble(self) -> str | None:
        """Why it cannot go on at present."""
        return self._trouble or (self._live.trouble if self._live else None)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """Let the batches in work be the last."""
        self._ending.set()
        if self._live is not None:
            self._live.give_way()
        with suppress(RuntimeError):  # that loop is over already
            self._wake()

    def stop(self) -> None:
        """End, and wait for it."""
        self.end()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                asyncio.run(self._life())
            except Stop as error:
                self._fail(error)
                return
            except Exception as error:
                self._trouble = f"live: {error}"
                known = isinstance(error, VouchError)
                _log.warning("live begins again: %s", error, exc_info=None if known else error)
                self._ending.wait(PATIENCE_S)

    def _fail(self, error: Exception) -> None:
        _log.error("live stopped: %s", error)
        self.failure, self._trouble = error, f"live stopped: {error}"
        self._failed()

    async def _life(self) -> None:
        """One application, from opening to stop or to a failure."""
        await asyncio.to_thread(check, self._kafka)
        self._live = live = Live(self._owned, self._kafka.copy_s)
        app = application(self._kafka, self.name, EVENTS, live, limits=LIMITS)
        await live.start(app.membership)
        try:
            app.agent(app.source, name=self.name)(self._agent(app, live))
            await self._until_the_end(app, live)
        finally:
            await live.end()

    async def _until_the_end(self, app: Application, live: Live) -> None:
        await app.start()
        self._trouble = None
        told = asyncio.create_task(self._told_to_end())
        crashed, failed = asyncio.create_task(ended(app)), asyncio.create_task(live.failed())
        try:
            await asyncio.wait({told, crashed, failed}, return_when=asyncio.FIRST_COMPLETED)
            if not told.done():
                why = crashed.result() if crashed.done() else failed.exception()
                self._trouble = f"live: {why}; what is in work is let go"
        finally:
            live.give_way()
            await _let_go(app)
        error = await crashed or (failed.exception() if failed.done() else None)
        told.cancel()
        failed.cancel()
        if error is not None:
            raise error

    async def _told_to_end(self) -> None:
        """Wait for that, in the loop: a thread that waits would keep the loop from ending."""
        told = asyncio.Event()
        self._wake = partial(asyncio.get_running_loop().call_soon_threadsafe, told.set)
        if not self._ending.is_set():
            await told.wait()

    def _agent(self, app: Application, live: Live) -> Callable[[Any], Any]:
        """The body of the agent; only Stop leaves it."""
        spent, before = self.spent, self.spent.fetch

        async def body(stream: Any) -> None:
            async for event in stream.events():
                spent.fetch = before + app.fetching_s
                await live.batch(event.message.partition, event.value)

        return body

    def _owned(self, membership: Membership) -> Owned:
        kafka, place = self._kafka, self._place
        return Owned(kafka, membership, place, rules(), self.facts, self.spent, now_ms)


def _nothing() -> None:
    """There is no loop yet."""


async def _let_go(app: Application) -> None:
    """Stop an application; a process that cannot even do that must end, or it is of no use."""
    stopping = asyncio.create_task(app.stop())
    done, _ = await asyncio.wait({stopping}, timeout=LONGEST_STOP_S)
    if not done:
        msg = f"live: partitions were not let go of within {LONGEST_STOP_S} s"
        raise Stop(msg)
    stopping.result()
