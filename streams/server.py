"""The embedded server: gateway, live worker, archive, page and metrics in one process."""

from __future__ import annotations

import asyncio
import secrets
import signal
from collections.abc import Callable

import msgspec
from aiohttp import web

from schemas.board import Board
from schemas.errors import DeadLetter
from sinks.prometheus import exposition
from streams.clock import now_ms
from streams.gateway.app import build
from streams.home import SERVER, Home
from streams.keepsake import made_once
from streams.settings import Settings, settings_in
from streams.tables.definitions import in_force
from streams.workers import ArchiveJob, LiveJob, UpkeepJob, Worker

_LIVE_S, _ARCHIVE_S, _UPKEEP_S = 1.0, 0.2, 60.0


def settings_of(home: Home) -> Settings:
    """The settings, with a token made on first use where none is configured.

    Raises:
        DeadLetter: the file cannot be read; names the field.
    """
    found = settings_in(home.data)
    if found.gateway.tokens or found.gateway.open:
        return found
    gateway = msgspec.structs.replace(found.gateway, tokens={"local": token_of(home)})
    return msgspec.structs.replace(found, gateway=gateway)


def token_of(home: Home) -> str:
    """The token of producers on this machine: made once, readable by its owner only.

    Raises:
        Stop: the file holds no token.
    """
    return made_once(home.data / "token", lambda: secrets.token_urlsafe(24))


class Server:
    """Everything of one data directory, from `run` until stopped. Not to be run twice."""

    def __init__(self, home: Home, settings: Settings) -> None:
        self._home, self._settings = home, settings
        self._board = Board()
        self._stop = asyncio.Event()
        self._workers: list[Worker] = []

    async def run(self, ready: Callable[[str], None]) -> None:
        """Serve until a signal, or until a worker fails; `ready` hears the address.

        Raises:
            Busy: another process works in the data directory.
            Exception: what stopped a worker.
        """
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, self._stop.set)
        with self._home.lock(SERVER):
            runner = web.AppRunner(self._application(), access_log=None)
            await runner.setup()
            self._start_workers(lambda: loop.call_soon_threadsafe(self._stop.set))
            try:
                ready(await self._listen(runner))
                await self._stop.wait()
            finally:
                await runner.cleanup()
                await asyncio.to_thread(self._stop_workers)
        for worker in self._workers:
            if worker.failure is not None:
                raise worker.failure

    async def _listen(self, runner: web.AppRunner) -> str:
        gateway = self._settings.gateway
        site = web.TCPSite(runner, gateway.host, gateway.port)
        try:
            await site.start()
        except OSError as error:
            msg = f"cannot listen on {gateway.host}:{gateway.port}: {error.strerror}"
            raise DeadLetter(msg) from error
        host, port = runner.addresses[0][:2]
        return f"http://{host}:{port}"

    def _application(self) -> web.Application:
        return build(
            self._settings.gateway,
            self._home.log,
            lambda: self._board,
            now_ms,
            exposition(lambda: self._board),
            self._trouble,
            in_force(self._home.data),
        )

    def _start_workers(self, failed: Callable[[], object]) -> None:
        def live() -> LiveJob:
            return LiveJob(self._home, self._show)

        def archive() -> ArchiveJob:
            return ArchiveJob(self._home)

        def keep_up() -> UpkeepJob:
            return UpkeepJob(self._home.upkeep, upkeep.going)

        upkeep = Worker("upkeep", keep_up, pause_s=_UPKEEP_S, failed=failed)
        self._workers = [
            Worker("live", live, pause_s=_LIVE_S, failed=failed),
            Worker("archive", archive, pause_s=_ARCHIVE_S, failed=failed),
            upkeep,
        ]
        for worker in self._workers:
            worker.start()

    def _stop_workers(self) -> None:
        for worker in self._workers:  # all at once: upkeep may have a file to finish
            worker.end()
        for worker in self._workers:
            worker.stop()

    def _show(self, board: Board) -> None:
        self._board = board

    def _trouble(self) -> str | None:
        return next((worker.trouble for worker in self._workers if worker.trouble), None)
