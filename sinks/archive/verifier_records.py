"""The verifier's look at the small logs: seals of a chain, and the record of days."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import msgspec
import rfc8785

from sinks.archive.days import Day, Mark
from sinks.archive.layout import DAYS, Chain, record, seq_of
from sinks.archive.report import Fault, Report
from sinks.archive.seals import Seal

Some = TypeVar("Some", Seal, Day)


def records_of(root: Path, folder: str, kind: type[Some], report: Report) -> list[Some]:
    """The records of a folder that can be read; each must name the hash of the one before."""
    found: list[Some] = []
    numbers = _numbers(root, folder, report)
    prev: str | None = None
    for due, seq in enumerate(numbers):
        path = f"{folder}/{record(seq)}"
        if seq != due:
            what = f"missing: it goes on with {record(seq)}"
            report.faults.append(Fault(f"{folder}/{record(due)}", None, what))
            break
        try:
            raw = (root / path).read_bytes()
            one = msgspec.json.decode(raw, type=kind)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            report.faults.append(Fault(path, None, f"not a {kind.__name__.lower()}: {error}"))
            break
        if rfc8785.dumps(msgspec.to_builtins(one)) != raw:
            report.faults.append(Fault(path, None, "not in canonical form (RFC 8785)"))
        if (one.seq, one.prev, one.version) != (seq, prev, 1):
            what = "broken chain: prev is not the hash of the record before"
            report.faults.append(Fault(path, None, what))
        prev = sha256(raw).hexdigest()
        found.append(one)
    return found


def _numbers(root: Path, folder: str, report: Report) -> list[int]:
    """Of the records in a folder; what a killed process was writing begins with a dot."""
    numbers = []
    for path in (root / folder).iterdir() if (root / folder).is_dir() else ():
        seq = seq_of(path.name)
        if seq is not None:
            numbers.append(seq)
        elif not path.name.startswith("."):
            report.faults.append(Fault(f"{folder}/{path.name}", None, "stray: not a record"))
    return sorted(numbers)


class Marks:
    """What the record of days says of commits, checked when they are met."""

    def __init__(self, root: Path, report: Report) -> None:
        self._report = report
        self._waiting: dict[tuple[Chain, int], list[tuple[str, Mark]]] = {}
        days = records_of(root, DAYS, Day, report)
        report.days = len({day.day for day in days})
        for day in days:
            path = f"{DAYS}/{record(day.seq)}"
            for mark in day.chains:
                try:
                    key = mark.chain, mark.seq
                except ValueError as error:
                    report.faults.append(Fault(path, None, str(error)))
                    continue
                self._waiting.setdefault(key, []).append((path, mark))

    def meet(self, chain: Chain, seq: int, sha256: str, upto: int, rows: int) -> None:
        """A commit is met: its hash, where it ends, and how many rows there are up to it."""
        for path, mark in self._waiting.pop((chain, seq), []):
            if (mark.sha256, mark.next, mark.rows) != (sha256, upto, rows):
                what = f"commit {seq} of {chain} is not the one that it names"
                self._report.faults.append(Fault(path, None, what))

    def end(self) -> None:
        """All commits were met: those that are still waited for are gone."""
        for (chain, seq), found in sorted(self._waiting.items()):
            what = f"missing: commit {seq} of {chain}, which it names"
            self._report.faults.append(Fault(found[0][0], None, what))
