"""A log that lets go of events before they are archived: it loses on purpose, and must say so."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

from confluent_kafka import TopicPartition

from schemas.instants import instant
from schemas.topics import EVENTS
from streams.clock import now_ms
from tests.e2e.world import vouch
from tests.faults.checker import different, incomplete, lost
from tests.faults.faults import lost_states
from tests.faults.groups import archived
from tests.faults.history import read
from tests.faults.process import until
from tests.faults.reading import counted, ends, rows
from tests.faults.rest import BY_DAY, LIMIT_S, engines, gaps, rebuild, verified
from tests.faults.world import World

WAITING = 200


def let_go(world: World, rng: Random) -> list[str]:
    """Delete what was not archived from the broker, and check that everybody is told.

    Then life goes on, with late events of contacts that lost some; and states are made again,
    from what is left: until then live counts what it had seen and the archive has not.

    Returns:
        What is wrong; [] where the gap is recorded as it is, nothing else is missing, and all
        engines say the same of what is left.
    """
    number, span = _lose(world, rng)
    archivers = world.of("archive")
    for archiver in archivers:
        archiver.start()
    _all_archived(world)
    alarm = [] if any("let go" in one.why() for one in archivers) else ["gap: /readyz is content"]
    world.load.insist(world.load.batch(WAITING))
    _all_archived(world)
    _all_counted(world)
    lost_states(world, rng)
    _all_counted(world)
    return [*alarm, *world.end(), *_told(world, number, span), *_figures(world)]


def _lose(world: World, rng: Random) -> tuple[int, tuple[int, int]]:
    """No archiver works, and of what waits for one, a part goes: the partition, and the span."""
    for archiver in world.of("archive"):
        archiver.terminate()
    for archiver in world.of("archive"):
        archiver.wait()
    world.load.insist(world.load.batch(WAITING))
    held, end = archived(world), ends(world)
    _all_counted(world)
    number = max(end, key=lambda n: end[n] - held.get(n, 0))
    start, upto = held.get(number, 0), rng.randint(held.get(number, 0) + 1, end[number] - 1)
    world.history.done("retention", f"{number}: {start} to {upto - 1}")
    _delete(world, number, upto)
    return number, (start, upto)


def _all_archived(world: World) -> None:
    end = ends(world)
    until(lambda: archived(world) == end, lambda: f"archived {archived(world)} of {end}", LIMIT_S)


def _all_counted(world: World) -> None:
    end = ends(world)
    until(lambda: counted(world) == end, lambda: f"counted {counted(world)} of {end}", LIMIT_S)


def _figures(world: World) -> Iterator[str]:
    """Where the engines do not say of the archive's rows what a clean run says of them."""
    clean = world.folder / "clean after"
    rebuild(clean, rows(world.archive))
    yield from different("figures after the gap", engines(world, clean, BY_DAY))


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
    taken_in = instant(now_ms())[:7]  # events are dated long before, and a loss knows its intake
    commands = (("verify", "archive"), ("gaps",), ("gate", taken_in))
    with ThreadPoolExecutor(2) as side_by_side:
        said = side_by_side.map(lambda words: vouch(world.asker, *words), commands)
        for (command, *_), done in zip(commands, said, strict=True):
            told = done.stdout.decode()
            if named not in told:
                yield f"gap: vouch {command} says nothing of {named}: {told[-500:]}"
            if done.returncode == 0 and command != "verify":
                yield f"gap: vouch {command} is content"
