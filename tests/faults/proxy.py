"""A TCP proxy that is slow, or cuts: the network between one role and the broker.

It stands on a port of its own, which the broker advertises, and forwards to where the broker
really listens. Client to broker is up, the other way down.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

_CHUNK = 64 * 1024
_TRIES, _AGAIN_S = 20, 0.1
_T = TypeVar("_T")


@dataclass
class Line:
    """How the line is now, for all connections. May be changed at any moment.

    Attributes:
        delay_s: how long every chunk is held back.
        bytes_per_s: most bytes a second, each way and of each connection; 0: no limit.
        up, down: whether bytes pass that way. A cut way swallows nothing: it stands still, as a
            packet filter makes it, and the connections stay open.
    """

    delay_s: float = 0.0
    bytes_per_s: int = 0
    up: bool = True
    down: bool = True


class Proxy:
    """Forwards 127.0.0.1:`port` to `target`, in a thread of its own.

    Attributes:
        line: how the line is.
        target: "host:port"; may be set after the proxy stands, and changed.
    """

    def __init__(self) -> None:
        self.line = Line()
        self.target = ""
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self._server = self._do(self._listen())

    def slow(self, delay_s: float, bytes_per_s: int = 0) -> None:
        """Hold every chunk back, and let so many bytes a second through."""
        self.line = Line(delay_s, bytes_per_s)

    def cut(self, *, up: bool = True, down: bool = True) -> None:
        """Let nothing through one way, or both; connections stay open."""
        self.line = Line(up=not up, down=not down)

    def mend(self) -> None:
        """Let all through; what stood still goes on."""
        self.line = Line()

    def drop(self) -> None:
        """Reset all connections; new ones are taken."""
        self._do(self._reset())

    def close(self) -> None:
        """Stop listening, and end all connections."""
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _listen(self) -> asyncio.Server:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _reset(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    async def _end(self) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            await self._join(reader, writer)
        finally:
            self._tasks.discard(task)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            beyond, onward = await self._reach()
        except OSError:
            self._open.discard(writer)
            writer.transport.abort()
            return
        pair = {writer, onward}
        self._open |= pair
        try:
            async with asyncio.TaskGroup() as ways:
                ways.create_task(self._forward(reader, onward, "up"))
                ways.create_task(self._forward(beyond, writer, "down"))
        finally:
            self._open -= pair
            for end in pair:
                end.transport.abort()

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The target; whoever is away is waited for, since a client that is sent away at once
        comes again at once."""
        for _ in range(_TRIES):
            host, _, port = self.target.rpartition(":")
            with suppress(OSError):
                return await asyncio.open_connection(host, int(port))
            await asyncio.sleep(_AGAIN_S)
        msg = f"nobody is at {self.target}"
        raise OSError(msg)

    async def _forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str
    ) -> None:
        """Pass bytes on until either end is gone, which then ends the other."""
        with suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                await self._hold(way, len(chunk))
                writer.write(chunk)
                await writer.drain()
        writer.close()

    async def _hold(self, way: str, size: int) -> None:
        line = self.line
        rest = line.delay_s + (size / line.bytes_per_s if line.bytes_per_s else 0.0)
        if rest:
            await asyncio.sleep(rest)
        while not getattr(self.line, way):
            await asyncio.sleep(0.02)
