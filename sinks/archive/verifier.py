"""Checking an archive with nothing but the archive: an auditor's tool.

It shares no code with the writer beyond the names, the forms of entries, the tree hash and the
lock on sealed columns, reads one file at a time, changes nothing, and goes on after a fault. It
cannot see what is gone without a trace, such as the newest commits of a chain together with
their files, and the newest record of days: compare `Report.tails` with tails that were published.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from schemas.errors import Stop
from sinks.archive.contents import differences
from sinks.archive.disposal import disposed
from sinks.archive.entry import Entry, Tail, parse, sealed_under
from sinks.archive.layout import DATA, DISPOSALS, LOG, LOSSES, Chain, chain_of, seq_of, staged_as
from sinks.archive.losses import Loss, lost, records
from sinks.archive.report import Fault, Report
from sinks.archive.sealed import NO_KEYS, Keys
from sinks.archive.verifier_files import Opener, find
from sinks.archive.verifier_records import Marks
from sinks.archive.verifier_seals import Replaced

Progress = Callable[[int, int], None]


def verify(root: Path, progress: Progress | None = None, keys: Keys = NO_KEYS) -> Report:
    """Check every commit entry and every file of an archive; it may run beside a writer.

    Args:
        root: the folder of `log` and `data`.
        progress: is told (entries checked, entries in all) after each.
        keys: what sealed files are opened with. Without the key of one, all of it is checked
            but the raw values and their root.
    """
    report = Report()
    if not (root / LOG).is_dir():
        report.faults.append(Fault(LOG, None, "missing: there is no commit log here"))
        return report
    # What rests on something is listed before it, since there is more of everything later.
    data, marks = _files_below(root, DATA), Marks(root, report)
    chains = _chains(root, report)
    report.partitions, report.logs = len(chains), len({chain.log_id for chain in chains})
    total = sum(map(len, chains.values()))
    named: set[str] = set()
    opener = Opener(keys, _disposed(root, report))
    recorded = _recorded(root, report)
    for chain, seqs in sorted(chains.items()):
        replaced = Replaced(root, chain, report)
        with_holes: list[Entry] = []
        for entry in _walk(root, chain, seqs, _Look(opener, replaced, marks), report):
            named.add(entry.file)
            with_holes += [entry] if chain in recorded else []
            if progress:
                progress(report.entries, total)
        replaced.check(opener)
        named |= replaced.files
        report.losses += lost(chain, recorded.pop(chain, []), with_holes)
    report.losses += [one for chain in recorded for one in lost(chain, recorded[chain], [])]
    marks.end()
    for path in data:
        if path not in named:
            report.faults.append(Fault(path, None, "stray: no entry names it"))
    return report


class _Look(NamedTuple):
    """With what a chain is looked at."""

    opener: Opener
    replaced: Replaced
    marks: Marks


def _disposed(root: Path, report: Report) -> set[str]:
    try:
        return disposed(root)
    except Stop as error:
        report.faults.append(Fault(DISPOSALS, None, str(error)))
        return set()


def _recorded(root: Path, report: Report) -> dict[Chain, list[Loss]]:
    try:
        return records(root)
    except Stop as error:
        report.faults.append(Fault(LOSSES, None, str(error)))
        return {}


def _files_below(root: Path, folder: str) -> list[str]:
    paths = (path for path in (root / folder).rglob("*") if not path.is_dir())
    return sorted(path.relative_to(root).as_posix() for path in paths)


def _chains(root: Path, report: Report) -> dict[Chain, list[int]]:
    """The entries' numbers of every chain, in order."""
    chains: dict[Chain, list[int]] = {}
    for path in _files_below(root, LOG):
        folder, _, name = path.removeprefix(f"{LOG}/").rpartition("/")
        chain, seq = chain_of(folder), seq_of(name)
        if chain is None or seq is None:
            report.faults.append(Fault(path, None, "stray: not the place of a commit entry"))
        else:
            chains.setdefault(chain, []).append(seq)
    return chains


class _Before(NamedTuple):
    """What an entry must go on from; null where the entry before does not tell."""

    sha256: str | None
    next: int | None


def _walk(
    root: Path, chain: Chain, seqs: list[int], look: _Look, report: Report
) -> Iterator[Entry]:
    """The readable entries of a chain, each checked, with its file, before it is yielded."""
    before: _Before | None = _Before(None, 0)
    rows = 0
    for due, seq in zip([0, *(seq + 1 for seq in seqs)], seqs, strict=False):
        if seq != due:
            what = f"missing: the chain goes on with entry {seq}"
            report.faults.append(Fault(chain.entry(due), due, what))
            before = None
        report.entries += 1
        path = chain.entry(seq)
        try:
            raw = (root / path).read_bytes()
            entry = parse(raw)
        except (OSError, Stop) as error:
            report.faults.append(Fault(path, seq, str(error)))
            before = _Before(sha256(raw).hexdigest(), None) if isinstance(error, Stop) else None
            continue
        for what in (*_place(entry, chain, seq), *_link(entry, before)):
            report.faults.append(Fault(path, seq, what))
        _check_older_log(root, chain, entry, report)
        if not look.replaced.meet(entry):
            _check_file(root, chain, entry, seq == seqs[-1], look, report)
        before, rows = _Before(sha256(raw).hexdigest(), entry.next), rows + entry.rows
        look.marks.meet(chain, seq, before.sha256 or "", entry.next, rows)
        report.tails[chain] = Tail(log_id=chain.log_id, seq=seq, sha256=before.sha256 or "")
        yield entry


def _place(entry: Entry, chain: Chain, seq: int) -> Iterator[str]:
    if (entry.log_id, entry.topic, entry.partition) != (chain.log_id, chain.topic, chain.partition):
        yield f"replayed: it is of {entry.log_id}, {entry.topic}, partition {entry.partition}"
    if entry.seq != seq:
        yield f"replayed: it is entry {entry.seq}"


def _link(entry: Entry, before: _Before | None) -> Iterator[str]:
    if before is None:
        return
    if entry.prev != before.sha256:
        yield "broken chain: prev is not the hash of the entry before"
    if before.next is not None and entry.start > before.next:
        yield f"gap: it starts at {entry.start}, the entry before ends at {before.next}"
    if before.next is not None and entry.start < before.next:
        yield f"overlap: it starts at {entry.start}, the entry before ends at {before.next}"


def _check_older_log(root: Path, chain: Chain, entry: Entry, report: Report) -> None:
    """A chain that continues an older log's names an entry that is there, with its hash."""
    tail = entry.continues
    if tail is None:
        return
    if entry.seq:
        what = "only the first entry of a chain continues another log"
    elif _digest_of_entry(root, chain, tail) != tail.sha256:
        what = f"broken chain: entry {tail.seq} of log {tail.log_id} is not what it continues"
    else:
        return
    report.faults.append(Fault(chain.entry(entry.seq), entry.seq, what))


def _digest_of_entry(root: Path, chain: Chain, tail: Tail) -> str | None:
    try:
        older = Chain(tail.log_id, chain.topic, chain.partition)
        return sha256((root / older.entry(tail.seq)).read_bytes()).hexdigest()
    except (OSError, ValueError):
        return None


def _check_file(
    root: Path, chain: Chain, entry: Entry, newest: bool, with_: _Look, report: Report
) -> None:
    if not _is_in_its_place(chain, entry):  # and is not opened: it may point anywhere
        report.faults.append(Fault(chain.entry(entry.seq), entry.seq, "file is not in its place"))
        return
    period = sealed_under(entry)

    def staged() -> list[Path]:
        return sorted((root / chain.staging).glob(staged_as(entry.start, entry.sha256)))

    def look(content: bytes) -> Iterator[str]:
        return differences(content, entry, with_.opener.key(period))

    published, amiss = find(root / entry.file, staged, entry, look)
    if amiss is None and with_.replaced.meet_anew(entry):
        return
    if not published and amiss is not None:
        fault = Fault(entry.file, entry.seq, "not yet published: its rows are staged")
        (report.pending if newest else report.faults).append(fault)
    if amiss is None:
        amiss = ["missing: neither published nor staged"]
    report.faults += [Fault(entry.file, entry.seq, what) for what in amiss]
    if not amiss:
        report.files += 1
        report.rows += entry.rows
        with_.opener.count(period, report)


def _is_in_its_place(chain: Chain, entry: Entry) -> bool:
    try:
        return entry.file == chain.data(entry.start, entry.max_intake_ms)
    except OverflowError:  # no date
        return False
