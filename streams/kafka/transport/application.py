"""A Faust application whose agents are handed batches of rows, and that does nothing else.

No web server, no tables, no producer, no topics made, no leader: only topics, agents, streams and
supervision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from importlib.metadata import version
from typing import Any, cast

import faust
from confluent_kafka import Consumer as Client
from faust.app.base import BootStrategy
from faust.tables.manager import TableManager
from faust.transport import base
from faust.types import TP, AppT
from mode import CrashingSupervisor, Service

from schemas.errors import Retry, Stop
from streams.kafka import clients
from streams.kafka.settings import Kafka
from streams.kafka.transport.batches import Batches
from streams.kafka.transport.buffer import LIMITS, Limits
from streams.kafka.transport.consumer import Consumer
from streams.kafka.transport.membership import is_member
from streams.kafka.transport.stream import BatchStream

FAUST = "0.15.3"  # whose insides this package rests on


class Feeder(Service):
    """Moves rows from the buffers to the agents."""

    def __init__(self, app: AppT, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.app = app

    @Service.task  # type: ignore[untyped-decorator]
    async def _feed(self) -> None:
        consumer = cast(Consumer, self.app.consumer)
        while not self.should_stop:
            await consumer.feed()


class NoProducer(base.Producer):
    """Faust sends nothing: results go out through clients of ours."""


class NoTables(TableManager):
    """No state of ours is in Faust's tables, so there is none to recover."""

    async def wait_until_tables_registered(self) -> None:
        """There are none."""

    def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """There are none."""

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """There are none."""

    async def wait_until_recovery_completed(self) -> bool:
        """There are none."""
        return False

    async def on_stop(self) -> None:
        """There are none."""


class Boot(BootStrategy):
    """The services of this application, in the order in which they are started."""

    def server(self) -> Iterable[Any]:
        """All but those of the module's docstring."""
        app: Any = self.app
        return [app.consumer, app.agents, app.topics, app._fetcher]


class Transport(base.Transport):
    """Where Faust has its parts from."""

    Producer = NoProducer
    Fetcher = Feeder
    driver_version = "librdkafka"


class Application(faust.App):
    """A Faust app; its agents read `source`, and get `list[Row]` as values.

    The partition of a batch is in its event: `async for event in stream.events()`,
    `event.message.partition`. A partition has one batch out at a time, so an agent of any
    `concurrency` has the batches of a partition in order. A body that raises ends the
    application by that error, and its batch is not done.

    Attributes:
        source: the topic.
    """

    BootStrategy = Boot

    def __init__(self, name: str, topic: str, make: Callable[..., Consumer]) -> None:
        super().__init__(
            name,
            autodiscover=False,
            web_enabled=False,
            topic_allow_declare=False,
            topic_disable_leader=True,
            stream_wait_empty=True,
            broker_commit_interval=1.0,
            agent_supervisor=CrashingSupervisor,
            Stream=BatchStream,
            TableManager=NoTables,
        )
        self._make = make
        self.source = self.topic(topic, value_serializer="raw")

    @property
    def fetching_s(self) -> float:
        """Seconds of a processor that taking rows from the client has taken, in its thread."""
        return cast(Consumer, self.consumer).fetching_s

    def membership(self) -> bytes:
        """As which member of its group the application reads, for a transaction of a producer.

        May be asked in any thread. Brokers refuse the transaction where the group has given the
        member up since.

        Raises:
            Retry: it is none at present; brokers would ask nothing, and refuse nothing.
        """
        found = cast(Consumer, self.consumer).membership
        if not is_member(found):
            msg = "this worker is no member of its group at present"
            raise Retry(msg)
        return found

    def _new_transport(self) -> Transport:
        return Transport([], self)

    def _new_consumer(self) -> Consumer:
        return self._make(
            self.transport,
            callback=self.topics.on_message,
            on_partitions_revoked=self._on_partitions_revoked,
            on_partitions_assigned=self._on_partitions_assigned,
            beacon=self.beacon,
            loop=self.loop,
        )

    def _create_directories(self) -> None:
        """Nothing of Faust's is kept on disk."""


def application(
    kafka: Kafka,
    name: str,
    topic: str,
    batches: Batches,
    *,
    limits: Limits = LIMITS,
    stall_s: float = 60,
    patience_s: float = 300,
) -> Application:
    """A Faust application that reads one topic as a member of a group; to be used once.

    It is started and stopped in a running loop (`await app.start()`, `await app.stop()`), and
    sets no signal handlers. Stopping finishes the batches in work, commits, awaits `revoked` for
    all partitions, and leaves the group. `ended` tells when it has failed; it is then stopped,
    too.

    Args:
        kafka: where the brokers are.
        name: the role, which the group's name and the client's end with.
        topic: without the prefix of `kafka`.
        batches: whose positions are read from.
        limits: how much is fetched ahead of the agents, per partition.
        stall_s: how long a partition may have more and hand nothing over before the application
            ends by an error, in seconds.
        patience_s: how long closing partitions may take, with the batches in work of them, before
            the application ends by an error, in seconds; `kafka.session_s` if that is longer.

    Raises:
        Stop: another Faust is installed than the one this is written for.
    """
    _check_faust()
    patience_s = max(patience_s, kafka.session_s)
    client = partial(_client, kafka, name, patience_s)
    prefixed = kafka.topic(topic)
    make = partial(
        Consumer,
        client=client,
        topic=prefixed,
        batches=batches,
        limits=limits,
        stall_s=stall_s,
        patience_s=patience_s,
    )
    return Application(kafka.group_of(name), prefixed, make)


async def ended(app: Application) -> BaseException | None:
    """Wait until an application that was started ends; why it failed, None if it was stopped."""
    await app.wait()
    return cast("BaseException | None", app.crash_reason)


def _client(kafka: Kafka, name: str, patience_s: float) -> Client:
    longest: dict[str, Any] = {"max.poll.interval.ms": round(patience_s * 1000)}
    return clients.consumer(kafka, name, name, **longest)


def _check_faust() -> None:
    if (found := version("faust-streaming")) != FAUST:
        msg = f"faust-streaming {found} is installed; streams/kafka/transport needs {FAUST} exactly"
        raise Stop(msg)
