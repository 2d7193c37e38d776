"""The verifier's look at one file: is it there, and is it what was said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from schemas.errors import Stop
from sinks.archive.report import Report
from sinks.archive.sealed import Keys


class Said(Protocol):
    """What is said of a file as a whole."""

    @property
    def bytes(self) -> int:
        """Its size."""
        ...

    @property
    def sha256(self) -> str:
        """The hash of its bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Opener:
    """The keys that are here, and the periods of which none is any more."""

    keys: Keys
    disposed: set[str]

    def key(self, period: str | None) -> bytes | None:
        """The key of a period; None: there is none to be used."""
        try:
            return None if period is None else self.keys.opening(period)
        except Stop:
            return None

    def count(self, period: str | None, report: Report) -> None:
        """A file in which nothing is wrong."""
        if period is None:
            return
        if period in self.disposed:
            report.disposed[period] += 1
        elif self.key(period) is None:
            report.sealed[period] += 1


def find(
    published: Path,
    staged: Callable[[], Iterable[Path]],
    said: Said,
    look: Callable[[bytes], Iterator[str]],
) -> tuple[bool, list[str] | None]:
    """Whether a file is published, and what is amiss with it; None: there is no file.

    Beside a writer a file may be published, and staged no more, between two looks. `look` finds
    what is amiss with the content.
    """
    for path in (published, *staged(), published):
        try:
            amiss = [*_amiss(path, said, look)]
        except FileNotFoundError:
            continue
        if path == published or not amiss:
            return path == published, amiss
    return False, None


def _amiss(path: Path, said: Said, look: Callable[[bytes], Iterator[str]]) -> Iterator[str]:
    try:
        size = path.stat().st_size
        if size != said.bytes:
            yield f"torn: {size} bytes, the entry says {said.bytes}"
            return
        content = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        yield f"cannot be read: {error}"
        return
    if sha256(content).hexdigest() != said.sha256:
        yield "changed: its sha256 is not what the entry says"
    else:
        yield from look(content)
