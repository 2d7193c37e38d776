"""One process of this installation, from start to stop: embedded, or any of the roles on Kafka."""

from __future__ import annotations

import asyncio
import secrets
import signal
from collections.abc import Callable, Sequence

import msgspec
from aiohttp import web

from schemas.board import Board
from schemas.errors import DeadLetter
from sinks.prometheus import exposition
from streams.clock import now_ms
from streams.gateway.app import build
from streams.home import SERVER, Home
from streams.keepsake import made_once
from streams.process import ROLES, Process, Role, trouble_of
from streams.settings import Settings, settings_in
from streams.tables.definitions import in_force
from streams.workers import UPKEEP_S, ArchiveJob, LiveJob, UpkeepJob, Worker

_LIVE_S, _ARCHIVE_S = 1.0, 0.2
Failed = Callable[[], object]


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
    """A process of one data directory, from `run` until stopped. Not to be run twice."""

    def __init__(self, home: Home, settings: Settings, roles: Sequence[str] = ROLES) -> None:
        self._home, self._settings, self._names = home, settings, roles
        self._stop = asyncio.Event()

    async def run(self, ready: Callable[[str], None]) -> None:
        """Serve until a signal, or until a role fails; `ready` hears the address.

        Raises:
            Busy: another process works in the data directory.
            Retry: the brokers are away.
            Stop: they refuse us, or something is not as it must be.
            Exception: what stopped a role.
        """
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, self._stop.set)
        process = await asyncio.to_thread(
            self._composed, lambda: loop.call_soon_threadsafe(self._stop.set)
        )
        with process.held():
            await self._serve(process, ready)
        for role in process.roles:
            if role.failure is not None:
                raise role.failure

    async def _serve(self, process: Process, ready: Callable[[str], None]) -> None:
        runner = web.AppRunner(process.application, access_log=None)
        await runner.setup()
        for role in process.roles:
            role.start()
        try:
            ready(await self._listen(runner))
            await self._stop.wait()
        finally:
            await runner.cleanup()
            for role in process.roles:
                await asyncio.to_thread(role.stop)

    def _composed(self, failed: Failed) -> Process:
        kafka = self._settings.kafka
        if kafka is None:
            if {*self._names} != {*ROLES}:
                msg = (
                    "without [kafka] in vouch.toml, all roles are one process: leave --roles out,"
                    " or say where the brokers are"
                )
                raise DeadLetter(msg)
            return embedded(self._home, self._settings, failed)
        from streams.roles import on_kafka  # noqa: PLC0415  # clients, only where there are brokers

        return on_kafka(self._home, self._settings, kafka, self._names, failed)

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


def embedded(home: Home, settings: Settings, failed: Failed) -> Process:
    """All roles, on the log in the data folder."""
    shown = Board()

    def show(board: Board) -> None:
        nonlocal shown
        shown = board

    def keep_up() -> UpkeepJob:
        return UpkeepJob(home.upkeep, upkeep.going)

    upkeep = Worker("upkeep", keep_up, pause_s=UPKEEP_S, failed=failed)
    roles: list[Role] = [
        Worker("live", lambda: LiveJob(home, show), pause_s=_LIVE_S, failed=failed),
        Worker("archive", lambda: ArchiveJob(home), pause_s=_ARCHIVE_S, failed=failed),
        upkeep,
    ]
    application = build(
        settings.gateway,
        home.log,
        lambda: shown,
        now_ms,
        exposition(lambda: shown),
        lambda: trouble_of(roles),
        in_force(home.data),
    )
    return Process(roles, application, lambda: home.lock(SERVER))
