"""What one process does on Kafka: any of the roles, which meet in topics only.

gateway   takes events over HTTP, and is done when Kafka has them
live      counts: a Faust worker with a state file for each of its partitions
archive   makes evidence of all events; once a day, looks after the archive
merge     makes figures of what all live workers counted, and exports them
page      shows the newest board
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from schemas.board import Board
from sinks.prometheus import Sample, exposition
from streams.clock import now_ms
from streams.gate.files import Gates
from streams.gateway.app import build
from streams.home import Busy, Home
from streams.kafka.archive import ArchiveRole
from streams.kafka.clients import check
from streams.kafka.facts import Facts, samples
from streams.kafka.merge import MergeJob, Merging
from streams.kafka.page import PageJob
from streams.kafka.pulse import EVERY_S, PulseJob
from streams.kafka.settings import Kafka
from streams.kafka.worker import LiveRole
from streams.process import ROLES, Process, Role
from streams.settings import Settings
from streams.tables.definitions import in_force
from streams.workers import UPKEEP_S, Upkeep, UpkeepJob, Worker

_ROUND_S = 0.25
_SERVING = {"gateway", "page"}  # to these, a balancer sends requests
Failed = Callable[[], object]


@dataclass(frozen=True, slots=True)
class _Log:
    """The log as the settings name it, and where this machine keeps what is derived of it."""

    id: str
    state: Path


def on_kafka(
    home: Home, settings: Settings, kafka: Kafka, names: Iterable[str], failed: Failed
) -> Process:
    """Put roles together, once it is sure that the brokers are there, and are as they must be.

    Raises:
        Retry: the brokers are away.
        Stop: they refuse us, or we them; a topic is not as it must be; the log in the folder was
            not moved to Kafka; or a folder cannot be used.
    """
    home.require_moved()
    home.require_folders()
    check(kafka)
    with closing(home.log()) as log:
        found = _Log(log.log_id, home.state(log))
    return _Roles(home, settings, kafka, [*names], found, failed).process()


class _Roles:
    """The roles of one process, and what they tell its HTTP server."""

    def __init__(
        self,
        home: Home,
        settings: Settings,
        kafka: Kafka,
        names: list[str],
        log: _Log,
        failed: Failed,
    ) -> None:
        self._home, self._settings, self._kafka = home, settings, kafka
        self._names, self._log, self._failed = names, log, failed
        self._facts = {name: Facts() for name in names}
        self._merged, self._shown = Board(), Board()
        makers = {
            "live": self._live,
            "archive": self._archive,
            "merge": self._merge,
            "page": self._page,
        }
        self._roles = [
            role for name in ROLES if name in names and name in makers for role in makers[name]()
        ]
        self._pulse = Worker("brokers", lambda: PulseJob(kafka), pause_s=EVERY_S, failed=failed)
        self._roles.append(self._pulse)

    def process(self) -> Process:
        """What is to be run."""
        return Process(self._roles, self._application())

    def _application(self) -> web.Application:
        merging, paging = "merge" in self._names, "page" in self._names
        return build(
            self._settings.gateway,
            self._home.log if "gateway" in self._names else None,
            (lambda: self._shown) if paging else None,
            now_ms,
            exposition((lambda: self._merged) if merging else None, self._samples),
            self._trouble,
            in_force(self._home.data),
        )

    def _live(self) -> Iterator[Role]:
        role = LiveRole(self._home, self._kafka, self._failed)
        self._facts["live"] = role.facts
        yield role

    def _archive(self) -> Iterator[Role]:
        def archive() -> ArchiveRole:
            return ArchiveRole(
                self._kafka,
                lambda number: self._home.writer(self._log.id, number),
                self._facts["archive"],
            )

        def upkeep() -> UpkeepJob:
            return UpkeepJob(alone(self._home), worker.going)

        yield Worker("archive", archive, pause_s=0, failed=self._failed)
        worker = Worker("upkeep", upkeep, pause_s=UPKEEP_S, failed=self._failed)
        yield worker

    def _merge(self) -> Iterator[Role]:
        def show(board: Board) -> None:
            self._merged = board

        def merge() -> MergeJob:
            return MergeJob(
                Merging(
                    kafka=self._kafka,
                    path=self._log.state / "merge.sqlite",
                    identity=self._log.state.name,
                    show=show,
                    gated=Gates(self._home.data).now,
                    going=worker.going,
                    facts=self._facts["merge"],
                )
            )

        worker = Worker("merge", merge, pause_s=_ROUND_S, failed=self._failed)
        yield worker

    def _page(self) -> Iterator[Role]:
        def show(board: Board) -> None:
            self._shown = board

        def page() -> PageJob:
            return PageJob(self._kafka, show, self._facts["page"])

        yield Worker("page", page, pause_s=0, failed=self._failed)

    def _trouble(self) -> str | None:
        """Why requests are better sent elsewhere: which role has trouble, and what.

        A gap before the archive cannot be mended, and would keep a gateway out for ever: where
        requests are served, metrics alone tell of it.
        """
        past = set() if _SERVING.isdisjoint(self._names) else {"archive"}
        troubles = (
            role.trouble or (None if role.name in past else self._told(role))
            for role in (self._pulse, *self._roles)  # the brokers' first: others follow from it
        )
        return next(filter(None, troubles), None)

    def _told(self, role: Role) -> str | None:
        """What a person must hear of a role that goes on."""
        facts = self._facts.get(role.name)
        return f"{role.name}: {facts.trouble}" if facts and facts.trouble else None

    def _samples(self) -> Iterator[Sample]:
        for role in self._roles:
            facts = self._facts.get(role.name) or Facts()
            yield from samples(role.name, facts, role.trouble or self._told(role))


def alone(home: Home) -> Upkeep:
    """Upkeep, unless another process of this data folder is at it."""

    def upkeep(now: int, go_on: Callable[[], bool]) -> list[str]:
        try:
            with home.lock("upkeep"):
                return home.upkeep(now, go_on)
        except Busy:
            return []

    return upkeep
