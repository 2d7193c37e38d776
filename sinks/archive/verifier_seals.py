"""The verifier's look at the files that stand for several commits of a chain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from schemas.errors import Stop
from sinks.archive.contents import differences_of_several
from sinks.archive.entry import Entry, digest, parse, sealed_under
from sinks.archive.layout import Chain, record
from sinks.archive.report import Fault, Report
from sinks.archive.seals import Seal, made, roots_root
from sinks.archive.verifier_files import Opener, find
from sinks.archive.verifier_records import records_of


class Replaced:
    """The seals of one chain, and how much of what they stand for was met.

    Beside somebody who compacts, seals may come after the commits were listed.
    """

    def __init__(self, root: Path, chain: Chain, report: Report) -> None:
        self._root, self._chain, self._report = root, chain, report
        self._rows: Counter[int] = Counter()  # met, by seal
        self._seals = records_of(root, chain.seals, Seal, report)
        # A file that was published before, and one of those it replaced there later, are two.
        self._published = {s.seq for s in self._seals if (root / s.file).exists()}

    @property
    def files(self) -> set[str]:
        """Of all seals."""
        return {seal.file for seal in self._seals}

    def meet(self, entry: Entry) -> bool:
        """Whether a seal stands for a commit; of its own file there must then be nothing."""
        found = [seal for seal in self._seals if seal.first <= entry.seq <= seal.last]
        for seal in found[:1]:
            self._rows[seal.seq] += entry.rows
            if seal.seq in self._published and (self._root / entry.file).exists():
                what = f"its rows are there twice: also in {seal.file}"
                self._report.faults.append(Fault(entry.file, entry.seq, what))
        for seal in found[1:]:
            self._fault(seal, f"commit {entry.seq} is another seal's too")
        return bool(found)

    def meet_anew(self, entry: Entry) -> bool:
        """The same, once its own file was not found, with the seals that are new."""
        known = len(self._seals)
        new = records_of(self._root, self._chain.seals, Seal, Report())[known:]
        self._seals += new
        self._published |= {s.seq for s in new if (self._root / s.file).exists()}
        return bool(new) and self.meet(entry)

    def check(self, opener: Opener) -> None:
        """All commits of the chain were met."""
        for seal in self._seals:
            entries = [*self._entries(seal)]
            amiss = [*_contradictions(self._chain, seal, entries)]
            for what in amiss:
                self._fault(seal, what)
            if not amiss:
                self._check_file(seal, entries, opener)

    def _entries(self, seal: Seal) -> Iterator[Entry]:
        """The commits for which it stands, as far as they are there."""
        for seq in range(seal.first, seal.last + 1):
            try:
                yield parse((self._root / self._chain.entry(seq)).read_bytes())
            except (OSError, Stop):
                return

    def _check_file(self, seal: Seal, entries: list[Entry], opener: Opener) -> None:
        period = sealed_under(seal)

        def look(content: bytes) -> Iterator[str]:
            return differences_of_several(content, entries, opener.key(period))

        staged = self._root / made(self._chain, seal)
        published, amiss = find(self._root / seal.file, lambda: [staged], seal, look)
        if not published and amiss is not None:
            what = "not yet published: its rows are staged, and in the files that it replaces"
            self._report.pending.append(Fault(seal.file, None, what))
        if amiss is None:
            amiss = ["missing: neither published nor staged"]
        self._report.faults += [Fault(seal.file, None, what) for what in amiss]
        if not amiss:
            self._report.files += 1
            self._report.rows += self._rows[seal.seq]
            opener.count(period, self._report)

    def _fault(self, seal: Seal, what: str) -> None:
        path = f"{self._chain.seals}/{record(seal.seq)}"
        self._report.faults.append(Fault(path, None, what))


def _contradictions(chain: Chain, seal: Seal, entries: list[Entry]) -> Iterator[str]:
    """In words, everything that a seal says and its commits do not."""
    if (seal.log_id, seal.topic, seal.partition) != (chain.log_id, chain.topic, chain.partition):
        yield f"replayed: it is of {seal.log_id}, {seal.topic}, partition {seal.partition}"
        return
    if [entry.seq for entry in entries] != [*range(seal.first, seal.last + 1)] or not entries:
        yield f"missing: not all of the commits {seal.first} to {seal.last} are there"
        return
    times = [entry.max_time_ms for entry in entries if entry.max_time_ms is not None]
    counts: Counter[str] = Counter()
    for entry in entries:
        counts.update(entry.counts)
    expected = {
        "head": digest(entries[-1]),
        "start": entries[0].start,
        "next": entries[-1].next,
        "rows": sum(entry.rows for entry in entries),
        "counts": dict(counts),
        "max_time_ms": max(times, default=None),
        "records_roots": roots_root(entry.records_root for entry in entries),
        "file": _place(chain, entries),
    }
    for name, found in expected.items():
        if getattr(seal, name) != found:
            yield f"{name}: the seal says {getattr(seal, name)}, its commits {found}"
    if {entry.schema_id for entry in entries} != {seal.schema_id}:
        yield "schema_id: not that of all of its commits"


def _place(chain: Chain, entries: list[Entry]) -> str:
    try:
        last = entries[-1]
        return chain.compacted(entries[0].start, last.next, last.max_intake_ms)
    except OverflowError:  # no date
        return ""
