"""Every different state in which a disk may be found after a cut, and what is wrong there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.crash.disk import Contents, Kept, Model

#: Where thousands of disks are built and removed: in memory, where the machine has a place.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
#: What is wrong in a folder where so much must be there; None where nothing is.
Check = Callable[[Path, int], str | None]


class State(NamedTuple):
    """What a cut may leave: after which call, and how much must be there."""

    name: str
    contents: Contents
    promised: int


@dataclass
class States:
    """All that differ in what is on the disk, in order; again where more must be there later.

    Attributes:
        disks: after each call.
        seeds: how many random ones after each.
        found: of each that was met, how much must be there.
        met: which of them each model has led to.
    """

    disks: Iterable[Kept]
    seeds: int
    found: dict[int, int] = field(default_factory=dict)
    met: dict[Model, set[int]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[State]:
        for at, disk in enumerate(self.disks):
            for model, contents, promised in disk.left(f"{at} {n}" for n in range(self.seeds)):
                key = hash(tuple(contents.items()))
                self.met.setdefault(model, set()).add(key)
                if promised > self.found.get(key, -1):
                    self.found[key] = promised
                    yield State(f"{model} after call {at}, {disk.last}", contents, promised)


def build(contents: Contents, recorded: Path, folder: Path) -> None:
    """Lay the files of a state out in another folder."""
    for name, content in contents.items():
        path = folder / Path(name).relative_to(recorded)
        if content is None:
            path.mkdir()
        else:
            path.write_bytes(content)


class Found(NamedTuple):
    """What an enumeration came to: states that differ, those of each model, what was wrong."""

    states: int
    models: dict[Model, int]
    wrong: list[str]


def enumerated(disks: Iterable[Kept], recorded: Path, check: Check, seeds: int = 3) -> Found:
    """Build every state of a recording in a folder of its own, and check it."""
    states, faults = States(disks, seeds), []
    with TemporaryDirectory(dir=MEMORY) as folder:
        root = Path(folder) / "state"
        for name, contents, promised in states:
            root.mkdir()
            build(contents, recorded, root)
            wrong = check(root, promised)
            shutil.rmtree(root)
            faults += [f"{name}: {wrong}"] if wrong else []
    models = {model: len(met) for model, met in states.met.items()}
    return Found(len(states.found), models, faults)
