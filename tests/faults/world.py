"""The system under test: one broker, every role in processes of its own, proxies between.

FOLDER/
  broker/                  its settings, data and log
  shared/archive, keys     the evidence: one for all, as a shared disk is
  shared/copies            where live workers leave their state for one another
  NAME/                    data folder of a process: settings, state files, nothing shared, but
                           that live-3 has its state files where live-1 does: on one machine
  NAME.stderr              what it said
  asker/                   the data folder that commands are asked from
  history.jsonl            what was sent, answered and done
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from deploy.kafka.broker import Broker
from schemas.topics import EVENTS, partition_of
from streams.kafka.settings import Kafka
from tests.faults.history import History
from tests.faults.load import START, Address, Load, simulated
from tests.faults.process import Process, until
from tests.faults.proxy import Proxy

SESSION_S, PARTITIONS = 3, 4
TOKEN = "the producer of the fault suite"
#: Name of a process -> its roles, and whether it reaches the broker through a proxy of its own.
PROCESSES: Mapping[str, tuple[str, bool]] = {
    "gateway": ("gateway", True),
    "live-1": ("live", False),
    "live-2": ("live", True),
    "archive-1": ("archive", False),
    "archive-2": ("archive", True),
    "merge": ("merge,page", False),
}
#: Those that come and go. One is a second worker on the machine of another: with its state files.
GUESTS: Mapping[str, str] = {"live-3": "live", "archive-3": "archive"}
TWIN, TWIN_OF = "live-3", "live-1"
_BROKER = {
    "group.min.session.timeout.ms": "1000",
    "group.initial.rebalance.delay.ms": "0",
    # One that was killed is let in again after that; one on a busy machine is not given up before.
    "broker.session.timeout.ms": "6000",
    "log.retention.check.interval.ms": "3600000",  # the suite decides what is deleted
}


@dataclass
class World:
    """Everything that runs, and the load on it.

    Attributes:
        broker_kills: how often the broker was killed.
    """

    folder: Path
    broker: Broker
    processes: dict[str, Process]
    guests: dict[str, Process]
    proxies: dict[str, Proxy]
    history: History
    load: Load
    broker_kills: int = 0

    @cached_property
    def admin(self) -> AdminClient:
        """For who asks the broker directly."""
        servers = ",".join(self.broker.addresses)
        return AdminClient({"bootstrap.servers": servers, "log_level": 2})

    @property
    def asker(self) -> Path:
        """The data folder that commands are asked from."""
        return self.folder / "asker"

    @property
    def archive(self) -> Path:
        """The evidence."""
        return self.folder / "shared/archive"

    @property
    def copies(self) -> Path:
        """Where live workers leave copies of their state."""
        return self.folder / "shared/copies"

    @property
    def kafka(self) -> Kafka:
        """How the suite itself reaches the broker: past all proxies."""
        return Kafka(
            brokers=self.broker.addresses,
            development=True,
            partitions=PARTITIONS,
            replication=1,
            in_sync=1,
        )

    def of(self, role: str) -> list[Process]:
        """The processes of a role, guests apart."""
        return [one for one in self.processes.values() if role in one.roles.split(",")]

    def begin(self, name: str) -> None:
        """Start a process; the load finds a new gateway when it is ready."""
        self.processes[name].start()

    def begin_all(self) -> None:
        """Start everything, and let it have its first events: before any, nothing is known."""
        for process in self.processes.values():
            process.start()
        until(self.processes["gateway"].ready, "the gateway is ready")
        self.point_load()
        self.load.insist(self.load.batch(20))
        self.wait_ready()

    def kill(self, name: str) -> None:
        """SIGKILL of a process."""
        self.history.done("kill", name)
        if name == "gateway":
            self.load.to = None
        self.processes[name].kill()

    def kill_broker(self) -> None:
        """SIGKILL of the broker."""
        self.history.done("kill", "broker")
        self.broker_kills += 1
        self.broker.kill()

    def settle(self) -> None:
        """Mend what is cut or paused, start what is down, and wait until all are ready."""
        for proxy in self.proxies.values():
            proxy.mend()
        if not self.broker.pids:
            self.broker.restart(bound=True)
        self.broker.resume()
        for process in self.processes.values():
            process.resume()
            if not process.alive:
                process.start()
        self.wait_ready()

    def wait_ready(self) -> None:
        """Wait until every process says that it is of use, and the load knows the gateway."""
        for process in self.processes.values():
            until(process.ready, process.why)
        self.point_load()

    def end(self) -> list[str]:
        """End all processes as an operator does; who did not end well."""
        self.load.to = None
        for process in self.processes.values():
            process.terminate()
        ended = {name: process.wait() for name, process in self.processes.items()}
        return [f"{name} ended with {status}" for name, status in ended.items() if status]

    def point_load(self) -> None:
        """Tell the load where the gateway listens now, if it does."""
        address = self.processes["gateway"].address
        self.load.to = Address(*address, TOKEN) if address else None

    def poison(self, value: bytes, key: str) -> None:
        """Put bytes into the topic past the gateway, which would have refused them."""
        number = self.history.attempt([value], direct=True)
        producer = Producer({"bootstrap.servers": ",".join(self.broker.addresses), "log_level": 2})
        at = partition_of(key, PARTITIONS)
        producer.produce(self.kafka.topic(EVENTS), value, key, partition=at)
        left = producer.flush(30)
        self.history.answer(number, 200 if not left else 0)


@contextmanager
def world(folder: Path, seed: int, per_s: float) -> Iterator[World]:
    """A world that serves; everything of it has ended afterwards, and its files are kept."""
    folder.mkdir(parents=True)
    with ExitStack() as ending:
        throughs = [name for name, (_, through) in PROCESSES.items() if through]
        proxies = {name: ending.enter_context(closing(Proxy())) for name in throughs}
        ports = [proxies[name].port for name in throughs]
        broker = Broker.start(folder / "broker", extra=_BROKER, behind=ports, bound=True)
        ending.callback(broker.stop)
        for name, target in zip(throughs, broker.behind, strict=True):
            proxies[name].target = target
        history = ending.enter_context(closing(History(folder / "history.jsonl")))
        made = World(
            folder,
            broker,
            {name: Process(folder / name, roles) for name, (roles, _) in PROCESSES.items()},
            {name: Process(folder / name, roles) for name, roles in GUESTS.items()},
            proxies,
            history,
            Load(simulated(seed, START), history, per_s),
        )
        for process in (*made.processes.values(), *made.guests.values()):
            ending.callback(process.finish)
            if process.name == TWIN:
                process.state = folder / TWIN_OF / "state"
            _furnish(process.data, process.state, made.kafka, proxies.get(process.name))
        _furnish(made.asker, made.asker / "state", made.kafka, None)
        made.begin_all()
        yield made


def leave(world: World, one: Process, rng: Random) -> None:
    """A worker goes, in order or killed."""
    if rng.random() < 0.5:
        world.history.done("kill", one.name)
        one.kill()
        return
    world.history.done("leave", one.name)
    one.terminate()
    status = one.wait()
    if status not in (0, -15):  # -15: told to end before it could listen
        msg = f"{one.name} was told to leave and ended with {status}:\n{one.said()[-3000:]}"
        raise AssertionError(msg)


def _furnish(data: Path, state: Path, kafka: Kafka, through: Proxy | None) -> None:
    """A data folder with settings of its own; archive and keys are everybody's."""
    data.mkdir()
    shared = data.parent / "shared"
    for name in ("archive", "keys", "copies"):
        (shared / name).mkdir(parents=True, exist_ok=True)
    for name in ("archive", "keys"):
        (data / name).symlink_to(shared / name)
    brokers = [f"127.0.0.1:{through.port}"] if through else kafka.brokers
    (data / "vouch.toml").write_text(
        f"""[gateway]
port = 0
tokens = {{ suite = "{TOKEN}" }}

[kafka]
brokers = {brokers}
development = true
partitions = {kafka.partitions}
replication = 1
in_sync = 1
session_s = {SESSION_S}
state = "{state}"
copies = "{shared / "copies"}"
copy_s = 2

[archive]
longest_wait_s = 1
""".replace("'", '"')
    )


def emptied(folder: Path) -> None:
    """Remove what is in a folder, as a disk that was replaced has nothing on it."""
    for path in folder.glob("*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
