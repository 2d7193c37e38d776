"""A log that lets go of events before they are archived: it loses on purpose, and must say so."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

from confluent_kafka import TopicPartition

from schemas.topics import EVENTS
from tests.e2e.world import vouch
from tests.faults.checker import incomplete, lost
from tests.faults.groups import archived
from tests.faults.history import read
from tests.faults.load import START
from tests.faults.process import until
from tests.faults.reading import counted, ends, rows
from tests.faults.rest import LIMIT_S, gaps, verified
from tests.faults.world import World

MONTH = START.isoformat()[:7]


def let_go(world: World, rng: Random) -> list[str]:
    """Delete what was not archived from the broker, and check that everybody is told.

    Returns:
        What is wrong; [] where the gap is recorded as it is, and nothing else is missing.
    """
    archivers = world.of("archive")
    for archiver in archivers:
        archiver.terminate()
    for archiver in archivers:
        archiver.wait()
    world.load.insist(world.load.batch(200))
    held, end = archived(world), ends(world)
    until(lambda: counted(world) == end, lambda: f"counted {counted(world)} of {end}", LIMIT_S)
    number = max(end, key=lambda n: end[n] - held.get(n, 0))
    upto = rng.randint(held.get(number, 0) + 1, end[number] - 1)
    world.history.done("retention", f"{number}: {held.get(number, 0)} to {upto - 1}")
    _delete(world, number, upto)
    for archiver in archivers:
        archiver.start()
    until(lambda: archived(world) == end, lambda: f"archived {archived(world)} of {end}", LIMIT_S)
    alarm = [] if any("let go" in one.why() for one in archivers) else ["gap: /readyz is content"]
    return [*alarm, *world.end(), *_told(world, number, (held.get(number, 0), upto))]


def _delete(world: World, number: int, upto: int) -> None:
    at = TopicPartition(world.kafka.topic(EVENTS), number, upto)
    for done in world.admin.delete_records([at]).values():
        done.result()


def _told(world: World, number: int, span: tuple[int, int]) -> Iterator[str]:
    """Where the gap is not told of as it is."""
    found = gaps(world)
    if found != {number: [span]}:
        yield f"gap: recorded {found}, and {span} of partition {number} is gone"
    yield from verified(world.asker)
    past, archive = read(world.history.path), rows(world.archive)
    kept = {n: [(offset, value) for offset, _, value in of] for n, of in archive.items()}
    spans = {n: (0, end) for n, end in ends(world).items()}
    yield from incomplete(kept, spans, found)
    yield from lost(past, kept, found)
    named = f"{span[0]} to {span[1] - 1}"
    commands = (("verify", "archive"), ("gaps",), ("gate", MONTH))
    with ThreadPoolExecutor(2) as side_by_side:
        said = side_by_side.map(lambda words: vouch(world.asker, *words), commands)
        for (command, *_), done in zip(commands, said, strict=True):
            told = done.stdout.decode()
            if named not in told:
                yield f"gap: vouch {command} says nothing of {named}: {told[-500:]}"
            if done.returncode == 0 and command != "verify":
                yield f"gap: vouch {command} is content"
