"""One real broker, one topic, one fold: our live workers, other stream processors, the limit.

Everybody reads the same events of four partitions from the beginning, each with its best fetch
settings, and folds contacts by the same core; the broker takes one of two cores. All rates are by
the wall. Ours has its state in files when it counts an event as done, and has published registers
and records; the others keep their state as they do by default (Bytewax in memory). Who is slow is
stopped after 20 seconds. The competitors have an environment of their own, made on first use.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from msgspec.structs import replace

from benchmarks import archiving
from benchmarks.brokers import broker_for
from benchmarks.contacts import batches, rows
from benchmarks.result import Result, at_least
from benchmarks.roles import Counted, counted
from schemas.errors import Stop
from schemas.event import decoder
from schemas.topics import EVENTS
from streams.kafka.log import KafkaLog
from streams.kafka.settings import Kafka

CONTACTS = int(os.environ.get("VOUCH_CONTACTS", "210000"))  # some 2 million events
PARTITIONS, WORKERS, SECONDS = 4, (1, 2, 3), 20
_HERE = Path(__file__).parent
_ENVIRONMENT = _HERE.parent / "build" / "competitors"


class Rival(NamedTuple):
    """A row: the program, and how many times as fast we must be."""

    program: str
    times: float


RIVALS = {
    "bare": Rival("bare", 1 / 3),
    "bytewax": Rival("bytewax_fold", 2.5),
    "quix": Rival("quix_fold", 4),
    "faust_table": Rival("faust_table", 40),
}


def run() -> list[Result]:
    python = _environment()
    with ExitStack() as running:
        folder = Path(running.enter_context(TemporaryDirectory()))
        kafka = running.enter_context(broker_for(folder, PARTITIONS))
        events, filled = _fill(kafka)
        ours = {n: counted(replace(kafka, group=f"of-{n}"), folder, n, events) for n in WORKERS}
        others = {name: _rate(python, rival, kafka, events) for name, rival in RIVALS.items()}
        archive = archiving.results(kafka, events, folder / "archiving")
    one = ours[1].rate
    return [
        at_least("vouchline", one, "events/s", 100_000),
        at_least("vouchline, wished for", one, "events/s", 200_000),
        *(Result(f"vouchline, {n} workers", ours[n].rate, "events/s") for n in WORKERS[1:]),
        *(Result(name, rate, "events/s") for name, rate in others.items()),
        *(
            at_least(f"vouchline to {name}", one / others[name], "times", rival.times)
            for name, rival in RIVALS.items()
        ),
        *archive,
        Result("producing, acks=all", filled, "events/s"),
        *_split(ours[1]),
    ]


def _split(ours: Counted) -> list[Result]:
    """Where our time goes, for each event."""
    return [
        Result("decode, alone (a part of the fold)", _decoding(), "us/event"),
        *(
            Result(f"one worker: {step}", 1e6 * seconds / ours.events, "us/event")
            for step, seconds in ours.steps.items()
        ),
    ]


def _decoding() -> float:
    """Processor time to decode an event, as the fold does: contact by contact."""
    contacts: dict[str, list[bytes]] = {}
    for row in rows(10_000):
        contacts.setdefault(row.key, []).append(row.value)
    began = time.process_time()
    events = sum(len(decoder.decode_lines(b"\n".join(values))) for values in contacts.values())
    return 1e6 * (time.process_time() - began) / events


def _fill(kafka: Kafka) -> tuple[int, int]:
    """All events into the topic: how many, and how many a second."""
    log, began, events = KafkaLog(kafka), time.perf_counter(), 0
    for batch in batches(CONTACTS, 20_000):
        events += len(log.append(EVENTS, batch, 0))
    log.close()
    return events, round(events / (time.perf_counter() - began))


def _rate(python: Path, rival: Rival, kafka: Kafka, events: int) -> int:
    """Events a second of another program, which must have counted something."""
    most = events * 9 // 10  # the last batch may be long in coming
    arguments = [kafka.brokers[0], kafka.topic(EVENTS), str(most), str(SECONDS)]
    command = [str(python), "-m", f"benchmarks.competitors.{rival.program}", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(_HERE.parent), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env=environment, timeout=600
    )
    try:
        told = json.loads(next(line for line in done.stdout.splitlines() if line[:1] == "{"))
    except (StopIteration, ValueError) as error:
        msg = f"{rival.program} ended with {done.returncode}: {done.stderr[-2_000:]}"
        raise Stop(msg) from error
    return round(int(told["events"]) / float(told["seconds"]))


def _environment() -> Path:
    """The interpreter of the competitors; its environment is made once."""
    python = _ENVIRONMENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(_ENVIRONMENT)], check=True)
        lock = str(_HERE / "competitors" / "requirements.lock")
        install = [str(python), "-m", "pip", "install", "-q", "--require-hashes", "-r", lock]
        subprocess.run(install, check=True)
    return python
