"""The disk under a process, rebuilt from its system calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.crash.disk import ALL, Edit, Flushes, Kept, Node
from tests.crash.strace import Call

STDOUT = "1"
ACKNOWLEDGED, DURABLE = b"acknowledged ", b"durable "


@dataclass
class Replay:
    """Follows what happens below one folder, which was there before.

    A line `acknowledged N` or `durable N` on the standard output is the process's word.

    Attributes:
        folder: what is followed.
        ignored: endings of names of which a cut may leave anything at all.
        flushes: which of them do anything.
    """

    folder: Path
    ignored: tuple[str, ...] = ()
    flushes: Flushes = ALL
    now: Kept = field(default_factory=Kept)
    _open: dict[str, Node] = field(default_factory=dict)
    _at: dict[str, int] = field(default_factory=dict)

    def disks(self, calls: Iterable[Call]) -> Iterator[Kept]:
        """The disk after every call that changed it, or what is known of it."""
        for call in calls:
            before = self.now
            self._do(call)
            if self.now is not before:
                self.now = replace(self.now, last=call.name)
                yield self.now

    def _do(self, call: Call) -> None:
        if call.name == "openat":
            self._opens(call)
        elif call.name == "close":
            self._open.pop(str(call.args[0]), None)
        elif call.name == "write" and call.args[0] == STDOUT:
            self._hear(call.data(1))
        elif call.name in ("mkdir", "unlink", "link"):
            self._name(call)
        elif (at := str(call.args[4 if call.name == "mmap" else 0])) in self._open:
            self._use(call, at)
        else:
            assert bytes(self.folder) not in b"".join(call.texts()), f"not followed: {call.name}"

    def _name(self, call: Call) -> None:
        path = call.path(0)
        if not self._follows(path):
            return
        if call.name == "mkdir":
            self.now = self.now.mkdir(path)
        elif call.name == "unlink":
            self.now = self.now.unlink(path)
        else:
            self.now = self.now.link(path, call.path(1))

    def _opens(self, call: Call) -> None:
        path, flags = call.path(1), str(call.args[2])
        if not self._follows(path):
            return
        if "O_CREAT" in flags and self.now.node(path) == path:
            self.now = self.now.create(path)
        assert "O_TRUNC" not in flags, path
        self._open[str(call.result)], self._at[str(call.result)] = self.now.node(path), 0

    def _use(self, call: Call, at: str) -> None:
        node = self._open[at]
        if call.name == "pwrite64":
            self.now = self.now.edit(node, Edit(call.number(3), call.data(1)))
        elif call.name == "write":
            self.now = self.now.edit(node, Edit(self._at[at], call.data(1)))
            self._at[at] += call.result
        elif call.name == "ftruncate":
            self.now = self.now.edit(node, Edit(call.number(1), None))
        elif call.name in ("fsync", "fdatasync"):
            if self.flushes.files if node in self.now.files else self.flushes.folders:
                self.now = self.now.flush(node)
        else:
            assert call.name == "mmap", f"not followed: {call.name}"
            assert "PROT_WRITE" not in str(call.args[2]), "a file is written through memory"

    def _hear(self, said: bytes) -> None:
        for line in said.splitlines():
            if line.startswith(ACKNOWLEDGED):
                self.now = replace(self.now, acknowledged=int(line.removeprefix(ACKNOWLEDGED)))
            elif line.startswith(DURABLE):
                safe = int(line.removeprefix(DURABLE))
                self.now = replace(self.now, acknowledged=safe, durable=safe)

    def _follows(self, path: Path) -> bool:
        below = path == self.folder or self.folder in path.parents
        return below and not path.name.endswith(self.ignored)
