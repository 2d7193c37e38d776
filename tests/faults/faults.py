"""What is done to the system: each fault waits for what it is meant to bring about."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Mapping
from itertools import count
from random import Random

from sinks.archive.entry import parse
from tests.faults.groups import archived, chain, members
from tests.faults.process import until
from tests.faults.world import World, emptied, leave
from tests.faults.zombies import zombie_apart, zombie_archive, zombie_live

Fault = Callable[[World, Random], None]
MOMENT_S = 2.0
_poison = count(1)


def pause(world: World, seconds: float) -> None:
    """Let the system work; a client that failed ends the run."""
    until_over = threading.Event()
    until_over.wait(seconds)
    world.load.alive()


def kill(world: World, name: str, rng: Random) -> None:
    """kill -9, and a new life: at once, or when others have taken over."""
    world.kill(name)
    if rng.random() < 0.3:
        pause(world, rng.uniform(0, MOMENT_S))
    world.begin(name)


def kill_broker(world: World, rng: Random) -> None:
    """kill -9 of the broker; nobody is answered until it is there again."""
    world.kill_broker()
    pause(world, rng.uniform(0, MOMENT_S))
    world.broker.restart(bound=True)


def kill_all(world: World, rng: Random) -> None:
    """Everything at once, as a machine that loses its power; the disk keeps what it has."""
    for name in world.processes:
        world.kill(name)
    kill_broker(world, rng)


def commit_interrupted(world: World, rng: Random) -> None:
    """Kill the archivers between a commit and its publication: the next one rolls it forward."""
    del rng
    crew = world.of("archive")
    until(lambda: archived(world), "there is a commit")
    end = time.monotonic() + 60
    while time.monotonic() < end:
        entered = _next_entry(world, end)
        for archiver in crew:
            archiver.pause()
        try:
            if entered is not None and not (world.archive / entered).exists():
                world.history.done("interrupted commit", entered)
                for archiver in crew:
                    world.kill(archiver.name)
                break
        finally:
            for archiver in crew:
                archiver.resume()
    for archiver in crew:
        if not archiver.alive:
            archiver.start()


def _next_entry(world: World, end: float) -> str | None:
    """The file that the next commit names, read as soon as there is that commit."""
    waited = []
    for of in chain(world):
        entries = (world.archive / of.log).iterdir()
        newest = max((int(path.stem) for path in entries if path.stem.isdecimal()), default=-1)
        waited.append(world.archive / of.entry(newest + 1))
    while time.monotonic() < end:
        for path in waited:
            if path.exists():
                return parse(path.read_bytes()).file
    return None


def storm(world: World, rng: Random) -> None:
    """Workers join and leave quickly, in order and not."""
    guests = list(world.guests.values())
    for _ in range(3):
        for guest in guests:
            world.history.done("join", guest.name)
            guest.start()
        pause(world, rng.uniform(1, 2 * MOMENT_S))
        for guest in guests:
            leave(world, guest, rng)


def slow(world: World, rng: Random) -> None:
    """A line that is slow: a fifth of a second each way, and little room."""
    name = rng.choice(list(world.proxies))
    world.history.done("slow line", name)
    world.proxies[name].slow(0.2, 100_000)
    pause(world, 2 * MOMENT_S)
    world.proxies[name].mend()


def cut(world: World, rng: Random) -> None:
    """A line that lets nothing through, one way or both, until the worker is given up."""
    name = rng.choice(list(world.proxies))
    up, down = rng.choice([(True, True), (True, False), (False, True)])
    world.history.done(f"cut line{' up' * up}{' down' * down}", name)
    role = world.processes[name].roles
    world.proxies[name].cut(up=up, down=down)
    try:
        if role == "gateway":
            pause(world, 2 * MOMENT_S)
        else:
            crew = len(world.of(role))
            until(lambda: members(world, role) < crew, f"{name} is given up")
    finally:
        world.proxies[name].mend()
        world.proxies[name].drop()


def lost_state(world: World, rng: Random) -> None:
    """The disk of a live worker is lost: others' copies are there."""
    victim = rng.choice(world.of("live"))
    world.history.done("lost state", victim.name)
    world.kill(victim.name)
    shutil.rmtree(victim.state, ignore_errors=True)
    world.begin(victim.name)


def lost_states(world: World, rng: Random) -> None:
    """All state is lost, and the copies with it: the archive and the log are there."""
    del rng
    world.history.done("lost state", "all, and copies")
    for victim in world.of("live"):
        world.kill(victim.name)
        shutil.rmtree(victim.state, ignore_errors=True)
    emptied(world.copies)
    for victim in world.of("live"):
        world.begin(victim.name)


def lost_mirror(world: World, rng: Random) -> None:
    """What the merge role remembers is lost: it reads the registers again."""
    del rng
    world.history.done("lost mirror", "merge")
    world.kill("merge")
    shutil.rmtree(world.processes["merge"].state, ignore_errors=True)
    world.begin("merge")


def poisoned(world: World, rng: Random) -> None:
    """An event that nobody can read, among those that can be read."""
    number = next(_poison)
    world.history.done("poison", f"{number}")
    world.poison(b'{"subject":"poison-%d","time":\x00' % number, f"poison-{number}")
    pause(world, rng.uniform(0, MOMENT_S))


#: Every fault that is not a plain kill.
FAULTS: Mapping[str, Fault] = {
    "zombie archive": zombie_archive,
    "zombie live": zombie_live,
    "zombie live apart": zombie_apart,
    "interrupted commit": commit_interrupted,
    "rebalance storm": storm,
    "slow line": slow,
    "cut line": cut,
    "lost state": lost_state,
    "lost states": lost_states,
    "lost mirror": lost_mirror,
    "poison": poisoned,
    "power": kill_all,
}
