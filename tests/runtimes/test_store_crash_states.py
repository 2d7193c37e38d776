"""Every state in which a power cut can leave the state of a partition, opened again.

The system calls of a real process are recorded, and the disk is rebuilt after each of them. A
state may lack the last saves, since the log is read again from its position; it is always that
of one save, position and all. Two variants, without one kind of flush, must fail.
"""

from __future__ import annotations

from contextlib import closing
from itertools import count
from pathlib import Path
from typing import get_args

import pytest

from streams.runtimes.store_sqlite import SqliteStore
from tests.crash import saves
from tests.crash.disk import ALL, BROKEN, Flushes, Kept, Model
from tests.crash.replay import Replay
from tests.crash.saves import CHANGES, FILE, IDENTITY, content
from tests.crash.states import enumerated
from tests.crash.strace import Call, traced

SHARED = "-shm"
#: What a cut may leave of the memory that processes share: it is never flushed.
REMAINS = (None, b"", bytes(32_768), b"\xa5" * 32_768)
CONTENTS = saves.contents()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Call]]:
    folder = tmp_path_factory.mktemp("recorded")
    return folder, traced("tests.crash.saves", [str(folder)], folder.with_suffix(".strace"))


def disks(recorded: tuple[Path, list[Call]], flushes: Flushes = ALL) -> list[Kept]:
    folder, calls = recorded
    return list(Replay(folder, (SHARED,), flushes).disks(calls))


class Check:
    """What is wrong in a state; None where nothing is."""

    def __init__(self) -> None:
        self._number = count()

    def __call__(self, root: Path, promised: int) -> str | None:
        remains = REMAINS[next(self._number) % len(REMAINS)]
        if remains is not None:
            (root / (FILE + SHARED)).write_bytes(remains)
        try:
            with closing(SqliteStore(root / FILE, identity=IDENTITY)) as store:
                return _wrong(store, promised) or _goes_on(store)
        except Exception as error:
            return f"{type(error).__name__}: {error}"


def _wrong(store: SqliteStore, promised: int) -> str | None:
    position, _ = store.progress()
    if store.rebuilt:
        return "the file was set aside"
    if content(store) != CONTENTS[position]:
        return f"position {position}, and the state of another"
    return None if position >= promised else f"{promised} was safe, {position} is there"


def _goes_on(store: SqliteStore) -> str | None:
    position, _ = store.progress()
    for change in CHANGES[position : position + 2]:
        store.save(change)
    goal = min(position + 2, len(CHANGES))
    return None if content(store) == CONTENTS[goal] else "the state does not go on"


@pytest.mark.slow
def test_the_state_survives_every_power_cut(recorded: tuple[Path, list[Call]]) -> None:
    found = enumerated(disks(recorded), recorded[0], Check())
    assert found.wrong == []
    assert found.states >= 1_000
    assert set(found.models) == set(get_args(Model))


@pytest.mark.slow
@pytest.mark.parametrize("flushes", BROKEN.values(), ids=BROKEN.keys())
def test_without_one_kind_of_flush_it_does_not(
    recorded: tuple[Path, list[Call]], flushes: Flushes
) -> None:
    assert enumerated(disks(recorded, flushes), recorded[0], Check(), seeds=1).wrong
