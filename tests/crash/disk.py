"""A disk that remembers, call by call, what a power cut would have left of it.

What a call does is kept apart from what has been flushed. A file is its flushed content and
the writes since; a folder is the names given and taken in it, each step of which is done
whole or not at all, and is safe once every folder that it touches was flushed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, NamedTuple

#: What was made here, by number; or a folder that was there before, by its path.
Node = int | Path
Name = tuple[Node, str]
Contents = dict[str, bytes | None]  # null for a folder
Model = Literal["killed", "forgotten", "emptied", "torn"]


class Flushes(NamedTuple):
    """Which flushes do anything."""

    files: bool = True
    folders: bool = True


ALL = Flushes()
#: Disks on which one kind of flush does nothing: on these, tests must fail.
BROKEN = {
    "no file is flushed": Flushes(files=False),
    "no folder is flushed": Flushes(folders=False),
}


class Edit(NamedTuple):
    """Bytes at an offset of a file; without bytes, the file ends there."""

    at: int
    data: bytes | None

    def on(self, content: bytearray) -> None:
        """Apply it."""
        if self.data is None:
            del content[self.at :]
        content.extend(bytes(max(0, self.at - len(content))))
        if self.data is not None:
            content[self.at : self.at + len(self.data)] = self.data

    def kept(self, chance: random.Random) -> Edit | None:
        """What a cut may leave of it: nothing, all, its first part, or only its length."""
        left = chance.randrange(4)
        if left == 0:
            return None
        if left == 1 or not self.data:
            return self
        if left == 2:
            return Edit(self.at, bytes(len(self.data)))
        return Edit(self.at, self.data[: chance.randrange(len(self.data))])


class File(NamedTuple):
    """A content: as flushed, and what was written since."""

    flushed: bytes = b""
    pending: tuple[Edit, ...] = ()

    def seen(self) -> bytes:
        """As it is read while the machine goes on."""
        return self._content(self.pending)

    def safe(self) -> bytes:
        """As it was flushed last."""
        return self.flushed

    def torn(self, chance: random.Random) -> bytes:
        """As a cut may leave it, some writes kept and some not."""
        return self._content(edit.kept(chance) for edit in self.pending)

    def _content(self, edits: Iterable[Edit | None]) -> bytes:
        if not self.pending:
            return self.flushed
        content = bytearray(self.flushed)
        for edit in edits:
            if edit is not None:
                edit.on(content)
        return bytes(content)


class Step(NamedTuple):
    """Names given and taken at once, and the folders that have yet to be flushed for it."""

    names: Mapping[Name, Node | None]
    pending: frozenset[Node]


class Left(NamedTuple):
    """What a cut may leave: by which model, the files, and how much of the work must be there."""

    model: Model
    contents: Contents
    promised: int


@dataclass(frozen=True)
class Kept:
    """A disk at one moment; every call gives the next one.

    Attributes:
        last: the call that led to it.
        firm: names whose steps are safe, and so are all steps before them.
        steps: those after.
        files: contents, by node.
        made: how many files and folders there ever were.
        acknowledged: what the work has called done.
        durable: what it has called safe from a loss of power.
    """

    last: str = "nothing"
    firm: Mapping[Name, Node | None] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    files: Mapping[Node, File] = field(default_factory=dict)
    made: int = 0
    acknowledged: int = 0
    durable: int = 0

    def mkdir(self, path: Path) -> Kept:
        """A new folder, empty."""
        return replace(self._named(path, self.made), made=self.made + 1)

    def create(self, path: Path) -> Kept:
        """A new file, empty."""
        disk = self._named(path, self.made)
        return replace(disk, made=self.made + 1, files={**self.files, self.made: File()})

    def edit(self, node: Node, edit: Edit) -> Kept:
        """Write to a file, or cut it off."""
        file = self.files[node]
        changed = File(file.flushed, (*file.pending, edit))
        return replace(self, files={**self.files, node: changed})

    def write(self, path: Path, data: bytes) -> Kept:
        """A new file, whole."""
        disk = self.create(path)
        return disk.edit(self.made, Edit(0, data))

    def link(self, source: Path, target: Path) -> Kept:
        """A second name."""
        return self._named(target, self.node(source))

    def unlink(self, path: Path) -> Kept:
        """Take a name away."""
        return self if self._at(path) is None else self._named(path, None)

    def exchange(self, one: Path, other: Path) -> Kept:
        """Two names change places, in one step, with all that is below them."""
        first, second = self._name(one), self._name(other)
        return self._step({first: self.node(other), second: self.node(one)})

    def sync(self, path: Path) -> Kept:
        """Flush a file's content, or the names in a folder."""
        return self.flush(self.node(path))

    def flush(self, node: Node) -> Kept:
        """The same, by node."""
        if node in self.files:
            return replace(self, files={**self.files, node: File(self.files[node].seen())})
        steps = [Step(step.names, step.pending - {node}) for step in self.steps]
        firm = dict(self.firm)
        while steps and not steps[0].pending:
            firm |= steps.pop(0).names
        return replace(self, firm=firm, steps=tuple(steps))

    def node(self, path: Path) -> Node:
        """What a path leads to; a folder that was not made here is itself."""
        found = self._at(path)
        return path if found is None else found

    def left(self, seeds: Iterable[str]) -> Iterator[Left]:
        """What a cut may leave of it, by every model; `seeds` are for the last of them."""
        seen = self._names(self.steps)
        yield Left("killed", self._tree(seen, File.seen), self.acknowledged)
        flushed = self._names(step for step in self.steps if not step.pending)
        yield Left("forgotten", self._tree(flushed, File.safe), self.durable)
        yield Left("emptied", self._tree(seen, File.safe), self.durable)
        for seed in seeds:
            yield Left("torn", self._torn(random.Random(seed)), self.durable)

    def _torn(self, chance: random.Random) -> Contents:
        names = self._names(
            step for step in self.steps if not step.pending or chance.random() < 0.5
        )
        return self._tree(names, lambda file: file.torn(chance))

    def _tree(self, names: Mapping[Name, Node], content: Callable[[File], bytes]) -> Contents:
        """What can be reached from the folders that were there before."""
        below: dict[Node, list[tuple[str, Node]]] = {}
        for (folder, name), node in sorted(names.items(), key=lambda named: named[0][1]):
            below.setdefault(folder, []).append((name, node))
        known: dict[Node, bytes] = {}  # a file of two names is torn once
        found: Contents = {}

        def walk(path: str, folder: Node) -> None:
            for name, node in below.get(folder, ()):
                if node in self.files and node not in known:
                    known[node] = content(self.files[node])
                found[f"{path}/{name}"] = known.get(node)
                walk(f"{path}/{name}", node)

        for folder in below:
            if isinstance(folder, Path):
                walk(str(folder), folder)
        return found

    def _names(self, steps: Iterable[Step]) -> dict[Name, Node]:
        names = dict(self.firm)
        for step in steps:
            names |= step.names
        return {name: node for name, node in names.items() if node is not None}

    def _at(self, path: Path) -> Node | None:
        name = self._name(path)
        for step in reversed(self.steps):
            if name in step.names:
                return step.names[name]
        return self.firm.get(name)

    def _name(self, path: Path) -> Name:
        return (path if path == path.parent else self.node(path.parent)), path.name

    def _named(self, path: Path, node: Node | None) -> Kept:
        return self._step({self._name(path): node})

    def _step(self, names: Mapping[Name, Node | None]) -> Kept:
        pending = frozenset(folder for folder, _ in names)
        return replace(self, steps=(*self.steps, Step(names, pending)))
