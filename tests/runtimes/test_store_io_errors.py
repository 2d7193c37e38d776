"""A state on a disk that fails at the n-th call of each kind, until a run passes untouched.

The failures are those of the operating system, so that SQLite's own handling is tested with ours.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from streams.runtimes.store_sqlite import SqliteStore
from tests.crash import saves
from tests.crash.failing import KINDS, LIMIT, SAVES, Outcome, watched
from tests.crash.saves import CHANGES, FILE, IDENTITY, content
from tests.crash.strace import failing

CONTENTS = saves.contents()
#: SQLite calls a file damaged that it cannot read: it is set aside, and the state begun again.
READING = "pread64"


def outcomes(folder: Path, error: str, how: str) -> list[Outcome]:
    args, fails = [str(folder), error, how], f"error={error}:when={LIMIT}"
    said = failing("tests.crash.failing", args, KINDS, watched(folder), fails)
    return [msgspec.json.decode(line, type=Outcome) for line in said.splitlines()]


def wrong(path: Path, outcome: Outcome) -> str | None:
    """What is wrong after a run, or after the next one; None where nothing is."""
    aside = outcome.kind == READING and any(path.parent.glob("*.broken-*"))
    with closing(SqliteStore(path, identity=IDENTITY)) as store:
        position, _ = store.progress()
        if store.rebuilt and not aside:
            return "the file was set aside"
        if content(store) != CONTENTS[position]:
            return f"position {position}, and the state of another"
        if position < outcome.acknowledged and not aside:
            return f"save {outcome.acknowledged} was acknowledged, {position} is there"
        if position < SAVES and not outcome.words and not aside:
            return "nothing was said of the failure"
        for change in CHANGES[position:SAVES]:
            store.save(change)
        return None if content(store) == CONTENTS[SAVES] else "the next run does not go on"


@pytest.mark.slow
@pytest.mark.parametrize(("error", "how"), [("EIO", "once"), ("ENOSPC", "patient")])
def test_a_failing_disk_is_told_of_and_nothing_is_lost(
    tmp_path: Path, error: str, how: str
) -> None:
    found = outcomes(tmp_path, error, how)
    faults = [(each, wrong(tmp_path / each.folder / FILE, each)) for each in found]
    assert [(each, fault) for each, fault in faults if fault] == []
    assert [each.kind for each in found if each.untouched] == list(KINDS)
    told = {each.kind for each in found if each.words}
    assert {"openat", "pwrite64", "fdatasync", "ftruncate"} <= told
    assert all(w.startswith(("Retry: ", "Stop: ", "Damaged: ")) for e in found for w in e.words)
    if how == "patient":
        assert any(each.acknowledged == SAVES for each in found if each.words)
