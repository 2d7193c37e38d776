"""Faust's stream, with another notion of when a batch is done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, cast

from faust.exceptions import ImproperlyConfigured
from faust.streams import Stream

from streams.kafka.transport.consumer import Consumer


class BatchStream(Stream[Any]):
    """A batch is done when the body of the agent comes back for the next one.

    Faust's own stream acknowledges also what a body has raised on, or was cancelled in.
    """

    def __aiter__(self) -> AsyncIterator[Any]:
        if self._processors or self.join_strategy:
            msg = "batches are read one by one: no take(), filter(), group_by() or join"
            raise ImproperlyConfigured(msg)
        return self._batches()

    async def _batches(self) -> AsyncIterator[Any]:
        consumer = cast(Consumer, self.app.consumer)
        started = await self.maybe_start()
        try:
            while not self.should_stop:
                event: Any = await self.channel.__anext__()
                if not consumer.begin(event.message):
                    continue
                self._set_current_event(event)
                try:
                    yield event.value
                finally:
                    consumer.end(event.message)
                event.ack()  # not reached where the body has raised
        except StopAsyncIteration:
            return  # how Faust ends an agent
        finally:
            if started:
                await self.stop()
                self.service_reset()
