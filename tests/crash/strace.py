"""What a process really asks of the disk: its system calls, watched by `strace`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).parents[2]
#: Whatever changes a file or a name, or flushes one. Of these, `mmap` must not be used to write.
CALLS = (
    "openat,creat,write,pwrite64,writev,pwritev,ftruncate,truncate,fallocate,mmap,fsync,fdatasync,"
    "sync_file_range,unlink,unlinkat,rename,renameat,renameat2,link,linkat,mkdir,rmdir,close"
)
_CALL = re.compile(r"(?:\d+ +)?(\w+)\((.*)\) += (-?\d+|0x[0-9a-f]+)")
_ARGUMENT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"|([^",\s][^",]*)')


class Call(NamedTuple):
    """One system call that went well; texts are bytes, all else is as it was written."""

    name: str
    args: tuple[bytes | str, ...]
    result: int

    def path(self, at: int) -> Path:
        """An argument that is a path."""
        text = self.args[at]
        assert isinstance(text, bytes), self
        return Path(os.fsdecode(text))

    def texts(self) -> list[bytes]:
        """All arguments that are."""
        return [arg for arg in self.args if isinstance(arg, bytes)]

    def number(self, at: int) -> int:
        """An argument that is a number."""
        text = self.args[at]
        assert isinstance(text, str), self
        return int(text)

    def data(self, at: int) -> bytes:
        """An argument that is what was written."""
        text = self.args[at]
        assert isinstance(text, bytes), self
        return text[: self.result]


def strace() -> str:
    """Where it is; without it the test is skipped, but not where all must be tested."""
    path = shutil.which("strace")
    if path is None:
        word = "strace is not installed (apt-get install strace): no system call can be watched"
        if os.environ.get("CI") == "true":
            pytest.fail(word)
        pytest.skip(word)
    return path


def traced(module: str, args: Sequence[str], output: Path) -> list[Call]:
    """The calls of `python -m module args`, in order; not those of its other threads."""
    options = ["-xx", "-s", "10000000", "-e", f"trace={CALLS}", "-e", "signal=none"]
    command = [strace(), *options, "-o", str(output), sys.executable, "-m", module, *args]
    subprocess.run(command, cwd=HERE, check=True, stdout=subprocess.DEVNULL)
    with output.open() as lines:
        return list(_calls(lines))


def failing(
    module: str, args: Sequence[str], kinds: Sequence[str], watched: Sequence[Path], how: str
) -> str:
    """What `python -m module args` prints while calls on some paths fail, as `how` tells strace."""
    failures = [part for kind in kinds for part in ("-e", f"inject={kind}:{how}")]
    paths = [part for path in watched for part in ("-P", str(path))]
    options = ["-f", "-o", os.devnull, "-e", f"trace={','.join(kinds)}", *paths, *failures]
    command = [strace(), *options, sys.executable, "-m", module, *args]
    return subprocess.run(command, cwd=HERE, check=True, stdout=subprocess.PIPE, text=True).stdout


def _calls(lines: Iterator[str]) -> Iterator[Call]:
    for line in lines:
        found = _CALL.match(line)
        if found and (result := int(found[3], 0)) >= 0:
            yield Call(found[1], tuple(_arguments(found[2])), result)


def _arguments(text: str) -> Iterator[bytes | str]:
    for found in _ARGUMENT.finditer(text):
        is_text = found[1] is not None
        yield bytes.fromhex(found[1].replace("\\x", "")) if is_text else found[2].strip()
