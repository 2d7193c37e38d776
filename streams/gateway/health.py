"""Whether this process is alive, and whether it is any use."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from schemas.board import Board
from streams.gateway.settings import Gateway
from streams.gateway.writer import Writer


class Health:
    """`/healthz`: the process answers. `/readyz`: it does what it is there for.

    With intake, events can be stored; with a board, they are being counted.
    """

    def __init__(
        self,
        settings: Gateway,
        writer: Writer | None,
        board: Callable[[], Board] | None,
        clock: Callable[[], int],
        ready: Callable[[], str | None],
    ) -> None:
        self._most, self._writer, self._board = settings.lag_events, writer, board
        self._clock, self._others = clock, ready

    async def alive(self, _: web.Request) -> web.Response:
        """200, always."""
        return web.Response(text="alive\n")

    async def ready(self, _: web.Request) -> web.Response:
        """200, or 503 with the reason."""
        reason = self.trouble()
        if reason is None:
            return web.Response(text="ready\n")
        return web.Response(status=503, text=f"not ready: {reason}\n")

    def trouble(self) -> str | None:
        """Why requests are better sent elsewhere."""
        return self._others() or self._intake() or self._behind()

    def _intake(self) -> str | None:
        return self._writer.trouble(self._clock()) if self._writer else None

    def _behind(self) -> str | None:
        """Why the figures of this process are not to be looked at, if it shows any."""
        if self._board is None:
            return None
        positions = self._board().positions
        if not positions:
            return "the live worker has not started"
        tail = self._writer.tail if self._writer else {}
        lag = sum(max(0, end - positions.get(p, 0)) for p, end in tail.items())
        return f"the live worker is {lag} events behind" if lag > self._most else None
