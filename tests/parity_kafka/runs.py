"""The two runtimes under one scenario: embedded, which is the oracle, and processes on Kafka."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from schemas.topics import EVENTS
from streams.home import Home
from streams.kafka.log import KafkaLog
from streams.kafka.settings import Kafka
from tests.e2e.world import figures, post, serving
from tests.e2e.world import until as soon
from tests.faults.process import Process, until
from tests.parity_kafka.scenario import Scenario
from tests.parity_kafka.told import (
    intervals_in,
    intervals_on,
    letters,
    records_in,
    records_on,
)

TOKEN = "the producer of the parity suite"
_MOST = 10_000
MERGED_S = 180.0  # a generous limit for the last second's figures to go out; never a measure
Values = dict[str, bytes]


@dataclass(frozen=True)
class Told:
    """What a run says of its scenario.

    Attributes:
        open: who is still in memory.
        records: contact id -> record, of every contact that is over; by where it is said.
        intervals: interval and group -> live figures.
        figures: question -> what `vouch measures` prints.
        letters: what was refused, and why.
    """

    open: set[str]
    records: dict[str, Values]
    intervals: Values
    figures: Values
    letters: list[tuple[str, str, str]]


def embedded(data: Path, scenario: Scenario, partitions: int) -> Told:
    """One process, everything in a folder."""
    data.mkdir(parents=True)
    (data / "token").write_text(TOKEN)
    (data / "vouch.toml").write_text(f"[log]\npartitions = {partitions}\n")
    append(data, scenario)
    with serving(data) as server:
        deliver(server.url, scenario)
        soon(server.counted)
        assert server.stop() == 0
    with closing(Home(data).log()) as log:
        assert log.partitions == partitions
        refused = letters(log)
    records, memory = records_in(data)
    return Told(
        memory,
        {"state": over(records, memory)},
        intervals_in(data, scenario.intervals),
        _asked(data, scenario),
        refused,
    )


def on_kafka(folder: Path, kafka: Kafka, scenario: Scenario, workers: int, due: Told) -> Told:
    """One process for each of several live workers, and one for all other roles.

    It is given time until its topics say what is `due`; what they say by then is told.
    """
    asker, days = folder / "asker", scenario.intervals
    with processes(folder, kafka, workers) as (front, others):
        append(asker, scenario)
        address = front.address
        assert address
        deliver(f"http://{address[0]}:{address[1]}", scenario)
        with suppress(AssertionError):  # the test says what is missing
            counted = due.records["state"]
            until(lambda: over(records_on(kafka), due.open) == counted, "records", MERGED_S)
            until(lambda: intervals_on(kafka, days) == due.intervals, "figures", MERGED_S)
        for process in (*others, front):
            process.terminate()
        assert [process.wait() for process in (*others, front)] == [0] * (workers + 1)
    with closing(KafkaLog(kafka)) as log:
        refused = letters(log)
    records, memory = records_in(asker)
    return Told(
        memory,
        {"state": over(records, memory), "topic": over(records_on(kafka), memory)},
        intervals_on(kafka, days),
        _asked(asker, scenario),
        refused,
    )


def over(records: Values, memory: set[str]) -> Values:
    """The records of contacts that are not in memory."""
    return {name: value for name, value in records.items() if name not in memory}


@contextmanager
def processes(folder: Path, kafka: Kafka, workers: int) -> Iterator[tuple[Process, list[Process]]]:
    """All roles but live in one process, which comes first, and each live worker in its own."""
    front = Process(folder / "front", "gateway,archive,merge,page")
    others = [Process(folder / f"live-{n}", "live") for n in range(1, workers + 1)]
    for data in (front.data, *(process.data for process in others), folder / "asker"):
        _furnish(data, kafka)
    with ExitStack() as ending:
        for process in (front, *others):
            ending.callback(process.finish)
            process.start()
        for process in others:
            until(process.ready, f"{process.name} is ready")
        until(lambda: front.address, "the gateway listens")  # the page has nothing to show yet
        yield front, others


def append(data: Path, scenario: Scenario) -> None:
    """Put entries into the log, wherever the settings say it is."""
    with closing(Home(data).log()) as log:
        for at in range(0, len(scenario.entries), _MOST):
            log.append(EVENTS, scenario.entries[at : at + _MOST], 0)


def deliver(url: str, scenario: Scenario) -> None:
    """Post everything in its order; some of it is refused, and kept as dead letters."""
    for body in scenario.bodies:
        status, words = post(url, TOKEN, body)
        assert status and '"stored":' in words, (status, words)


def _asked(data: Path, scenario: Scenario) -> Values:
    return {" ".join(words): figures(data, *words) for words in scenario.questions}


def _furnish(data: Path, kafka: Kafka) -> None:
    """A data folder with settings of its own; archive, keys and copies are everybody's."""
    data.mkdir(parents=True)
    shared = data.parent / "shared"
    for name in ("archive", "keys", "copies"):
        (shared / name).mkdir(parents=True, exist_ok=True)
    for name in ("archive", "keys"):
        (data / name).symlink_to(shared / name)
    (data / "token").write_text(TOKEN)
    (data / "vouch.toml").write_text(
        f"""[kafka]
brokers = ["{'", "'.join(kafka.brokers)}"]
development = true
prefix = "{kafka.prefix}"
partitions = {kafka.partitions}
copies = "{shared / "copies"}"
copy_s = 2
"""
    )
