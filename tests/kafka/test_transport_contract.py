"""What the transport rests on inside Faust; whoever changes the version looks at each of these."""

from __future__ import annotations

import hashlib
import inspect
from importlib.metadata import version
from typing import Any

import pytest
from faust.agents.agent import Agent
from faust.app.base import App, BootStrategy
from faust.streams import Stream
from faust.tables.manager import TableManager
from faust.transport.conductor import Conductor
from faust.transport.consumer import Consumer
from faust.types.tuples import Message
from mode import CrashingSupervisor, Service

from streams.kafka.transport.application import FAUST

RESTS_ON: dict[str, tuple[Any, str, str]] = {
    "what an application starts": (BootStrategy, "server", "97e47ea1dec3"),
    "how a stop waits for the streams": (App, "_stop_consumer", "55854a5de12c"),
    "what a rebalance tells agents and topics": (App, "_on_partitions_assigned", "de932b7927db"),
    "how topics are subscribed to, and messages come to streams": (Conductor, "", "56ed932b0cf4"),
    "how an agent that raised is dealt with": (Agent, "_execute_actor", "c750b828d2bd"),
    "how a crash reaches the application": (Service, "crash", "14980000465d"),
    "why a supervisor that crashes does not restart": (
        CrashingSupervisor,
        "_contribute_to_service",
        "02faf60d8b7f",
    ),
    "how a message is acknowledged": (Message, "ack", "4751b72c4ed8"),
    "what our consumer is one of": (Consumer, "", "2a6a37200a4d"),
    "how a stream is iterated over as events": (Stream, "events", "c62f4dd3a73f"),
    "what our stream does otherwise": (Stream, "_py_aiter", "3a48ee257a65"),
    "when no tables are waited for": (TableManager, "wait_until_tables_registered", "e9bed5b158ee"),
}


def test_the_version_is_the_one_that_was_read() -> None:
    assert version("faust-streaming") == FAUST, (
        "another Faust is installed: read what RESTS_ON names in it, run the tests of the"
        " transport, then change FAUST and pyproject.toml together"
    )


@pytest.mark.parametrize("what", RESTS_ON)
def test_what_the_transport_rests_on_is_as_it_was_read(what: str) -> None:
    owner, name, known = RESTS_ON[what]
    source = inspect.getsource(getattr(owner, name) if name else owner)
    found = hashlib.sha256(source.encode()).hexdigest()[:12]
    assert found == known, f"{what}: {owner.__qualname__} {name} is not what it was in {FAUST}"
