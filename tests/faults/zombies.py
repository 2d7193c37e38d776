"""Workers that stand still until others have done their work, and then go on with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from random import Random

from tests.faults.groups import archived, members
from tests.faults.process import Process, until
from tests.faults.world import TWIN, World, leave

TRIES, BURST = 6, 200
Positions = Callable[[], Mapping[str, int]]


def zombie_archive(world: World, rng: Random) -> None:
    """An archiver stands still until others have archived what it holds, and then goes on."""
    crew = world.of("archive")
    _are_members(world, "archive", crew)

    def positions() -> Mapping[str, int]:
        return {f"{number}": at for number, at in archived(world).items()}

    _sleep_until_refused(world, rng, "archive", crew, positions)


def zombie_live(world: World, rng: Random) -> None:
    """Of two live workers on one machine one stands still, and then saves where the other has.

    A third, on a machine of its own, leaves before, so that its partitions are with these two.
    """
    one, elsewhere = world.of("live")
    twin = world.guests[TWIN]
    world.history.done("join", twin.name)
    twin.start()
    _are_members(world, "live", [one, elsewhere, twin])
    leave(world, elsewhere, rng)
    crew = [one, twin]
    _are_members(world, "live", crew)
    _sleep_until_refused(world, rng, "live", crew, lambda: _saved(one.data / "state"))
    leave(world, twin, rng)


def zombie_apart(world: World, rng: Random) -> None:
    """A live worker stands still until others have its partitions, with state of their own."""
    crew = world.of("live")
    _are_members(world, "live", crew)
    _sleep(world, "live", crew, rng.choice(crew), dict)


def _sleep_until_refused(
    world: World, rng: Random, role: str, crew: Sequence[Process], positions: Positions
) -> None:
    """One of a crew sleeps, and again: whether it has anything in hand depends on the moment."""
    for _ in range(TRIES):
        victim = rng.choice(crew)
        refused = victim.said().count("fenced: ")
        _sleep(world, role, crew, victim, positions)
        if victim.said().count("fenced: ") > refused:
            break


def _sleep(
    world: World, role: str, crew: Sequence[Process], victim: Process, positions: Positions
) -> None:
    """SIGSTOP until it is given up and all positions have moved on, then SIGCONT."""
    world.history.done("SIGSTOP", victim.name)
    world.load.insist(world.load.batch(BURST))  # so that it has something in hand
    _pause(victim)
    try:
        until(lambda: members(world, role) < len(crew), f"{victim.name} is given up")
        until(_moved(world, positions), f"others do the work of {victim.name}")
    finally:
        victim.resume()
    _are_members(world, role, crew)


def _pause(victim: Process) -> None:
    """Not in the middle of a save: nobody else could save then, until it goes on or is killed."""
    victim.pause()
    while any(map(_locked, _states(victim.state))):
        victim.resume()
        victim.pause()


def _are_members(world: World, role: str, crew: Sequence[Process]) -> None:
    until(
        lambda: members(world, role) == len(crew),
        lambda: f"{members(world, role)} of {len(crew)} of {role} are members of their group",
    )


def _moved(world: World, positions: Positions) -> Callable[[], bool]:
    before = positions()

    def moved() -> bool:
        world.load.alive()
        now = positions()
        return all(now[number] > at for number, at in before.items())

    return moved


def _saved(state: Path) -> dict[str, int]:
    """By state file, up to where it has counted."""
    begun = [path for path in _states(state) if path.stat().st_size]
    return {path.name: _position(path) for path in begun}


def _states(state: Path) -> list[Path]:
    return [*state.rglob("partition-*.sqlite")]


def _position(path: Path) -> int:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as sql:
        (position,) = sql.execute("SELECT position FROM progress").fetchone()
    return int(position)


def _locked(path: Path) -> bool:
    with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as sql:
        try:
            sql.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        sql.execute("ROLLBACK")
    return False
