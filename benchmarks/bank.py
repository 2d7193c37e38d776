"""The bank's four months of 1999: callback types, repeat contacts, and how callers are bracketed.

The bank recorded no callback as such. Type TT are customers who had asked to be called back and
were put in the queue when the agent turned out busy. To see what the method of the two
neighbouring calls is worth on real calls, every tenth call that was answered live from a queue
is judged as if it had been a callback made at the very moment at which it was answered, by the
nine others: the deviation is then the error of the method.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec.structs import replace

from benchmarks.result import Result
from schemas.across import Fidelity, Repeat
from schemas.errors import Stop
from schemas.instants import MINUTE, SECOND
from schemas.measures.kinds import nearest_rank
from schemas.record import ContactRecord
from streams.core.fidelity import fidelity
from streams.core.fold import fold
from streams.core.repeats import repeats
from streams.sources import source
from streams.sources.files import lines_of
from streams.sources.port import OneKey, Rejected, Settings, Tally

ROOT = Path(__file__).parents[2]
MONTHS = ("01_January", "02_February", "03_March", "04_April")
AS_OF = 926_000_000_000  # 6 May 1999: every event has happened, some windows are still open
TENTH = 10


def run() -> list[Result]:
    records = _records()
    return [*_types(records), *_repeats(records), *_neighbours(records)]


def folder() -> Path:
    """Where the bank's call log is."""
    found = Path(os.environ.get("VOUCH_DATA") or ROOT / "shared" / "data") / "technion"
    if not all((found / f"{month}.txt.gz").is_file() for month in MONTHS):
        msg = f"the bank's call log is not in {found.name}/ (VOUCH_DATA)"
        raise Stop(msg)
    return found


def _records() -> list[ContactRecord]:
    """Every call of the four months, folded."""
    reader = source("technion", Settings(now=AS_OF, tokens=OneKey(b"bench")))
    values: defaultdict[str, list[bytes]] = defaultdict(list)
    for month in MONTHS:
        path = folder() / f"{month}.txt.gz"
        for facts in reader.read(lines_of(path), path.name, Tally()):
            if not isinstance(facts, Rejected):
                for contact, event in facts:
                    values[contact].append(event)
    folded = (fold(events, AS_OF) for events in values.values())
    return [record for record in folded if isinstance(record, ContactRecord)]


def _types(records: Iterable[ContactRecord]) -> Iterator[Result]:
    arrived = Counter(record.program for record in records)
    answered = Counter(r.program for r in records if r.place == "answered")
    for program in sorted(arrived, key=str):
        yield Result(f"type {program}: arrived", arrived[program], "contacts")
        yield Result(f"type {program}: answered", 100 * answered[program] / arrived[program], "%")


def _repeats(records: list[ContactRecord]) -> Iterator[Result]:
    rows = [row for _, row in repeats(records, AS_OF)]
    known = [row for row in rows if row.known]
    ours = [row for row in known if not row.representative]
    attempts = [row.attempts for row in ours if row.attempts is not None]
    yield Result("served", len(rows), "contacts")
    yield Result("coverage: the caller is known", 100 * len(known) / len(rows), "%")
    yield Result("representatives", len(known) - len(ours), "contacts")
    yield Result("repeat contact within 168 h", 100 * _repeated(ours) / len(ours), "%")
    without = [r for _, r in repeats([r for r in records if r.program != "TT"], AS_OF)]
    ours_without = [row for row in without if row.known and not row.representative]
    share = 100 * _repeated(ours_without) / len(ours_without)
    yield Result("the same, without the callback legs (type TT)", share, "%")
    yield Result("windows still open", sum(row.window_open for row in rows), "contacts")
    yield Result("attempts for each time served", sum(attempts) / len(attempts), "attempts")
    yield Result("served at the first attempt", 100 * attempts.count(1) / len(attempts), "%")


def _repeated(rows: Iterable[Repeat]) -> int:
    return sum(row.repeated_ms is not None for row in rows)


def _neighbours(records: list[ContactRecord]) -> Iterator[Result]:
    """The error of the method, by type of call and by priority."""
    by_group: defaultdict[str, list[Fidelity]] = defaultdict(list)
    for record, row in fidelity(_with_callbacks(records), AS_OF):
        for group in ("all", f"type {record.program}", f"priority {record.priority}"):
            by_group[group].append(row)
    for group, rows in sorted(by_group.items()):
        yield from _judged(group, rows)


def _with_callbacks(records: list[ContactRecord]) -> Iterator[ContactRecord]:
    """Every tenth call answered live from a queue, as if it had been called back just then."""
    queued = sorted(
        (r for r in records if r.place == "answered" and r.visits),
        key=lambda r: (r.queued_ms or 0, r.contact_id),
    )
    tenth = {record.contact_id for record in queued[::TENTH]}
    for record in records:
        if record.contact_id in tenth:
            yield replace(
                record,
                place="callback_accepted",
                callback_accepted_ms=record.queued_ms,
                callback_attempted_ms=record.exit_ms,
            )
        else:
            yield record


def _judged(group: str, rows: list[Fidelity]) -> Iterator[Result]:
    brackets = Counter(row.bracket for row in rows)
    judged = [row for row in rows if row.deviation_size_ms is not None]
    sizes = Counter((row.deviation_size_ms or 0) // SECOND for row in judged)
    yield Result(f"{group}: judged as callbacks", len(rows), "calls")
    for name, words in (("both", "both neighbours"), ("none", "no neighbour")):
        yield Result(f"{group}: {words}", 100 * brackets[name] / len(rows), "%")
    yield Result(f"{group}: crossed", 100 * sum(row.crossed for row in rows) / len(rows), "%")
    for limit in (0, 2, 5):
        near = sum((row.deviation_size_ms or 0) <= limit * MINUTE for row in judged)
        yield Result(f"{group}: within {limit} min", 100 * near / len(judged), "%")
    yield Result(f"{group}: p90 of the deviation", nearest_rank(dict(sizes), 90) or 0, "s")
