"""Every state in which a power cut can leave the embedded log, opened again.

Every row whose append has returned is there, and no append is there in part.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import get_args

import pytest

from schemas.rows import Row
from streams.logs.sqlite import SqliteLog
from tests.crash import appends
from tests.crash.appends import TOPICS, TRIMMED, opened, rows
from tests.crash.disk import ALL, BROKEN, Flushes, Kept, Model
from tests.crash.replay import Replay
from tests.crash.states import enumerated
from tests.crash.strace import Call, traced

CONTENTS = appends.contents()
AFRESH = "made after the cut"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Call]]:
    folder = tmp_path_factory.mktemp("recorded")
    return folder, traced("tests.crash.appends", [str(folder)], folder.with_suffix(".strace"))


def disks(recorded: tuple[Path, list[Call]], flushes: Flushes = ALL) -> list[Kept]:
    folder, calls = recorded
    return list(Replay(folder, ("-shm",), flushes).disks(calls))


def violation(root: Path, promised: int) -> str | None:
    """What is wrong in a state; None where nothing is."""
    try:
        with closing(opened(root, AFRESH)) as log:
            if log.log_id == AFRESH:
                return "the log is another one" if promised else None
            return _wrong(log, promised - 1) or _goes_on(log)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def _wrong(log: SqliteLog, promised: int) -> str | None:
    """Whether it holds what was there after one of the appends, but for what was trimmed."""
    held = rows(log)
    for written in CONTENTS[max(promised, 0) :]:
        if all(_is_rest(log, place, held[place], written[place]) for place in held):
            return None
    return f"not what {promised} appends brought, or some more of them"


def _is_rest(log: SqliteLog, place: tuple[str, int], held: list[Row], written: list[Row]) -> bool:
    start, end = log.bounds(*place)
    trimmed = TRIMMED if place == (TOPICS[0], 0) else 0
    return start <= trimmed and end == len(written) and held == written[start:]


def _goes_on(log: SqliteLog) -> str | None:
    ((partition, offset),) = log.append(TOPICS[0], [("c", b"more")], 99)
    last = rows(log)[TOPICS[0], partition][-1]
    return None if last == Row(offset, 99, "c", b"more") else "the log does not go on"


@pytest.mark.slow
def test_what_the_log_took_survives_every_power_cut(recorded: tuple[Path, list[Call]]) -> None:
    found = enumerated(disks(recorded), recorded[0], violation, seeds=8)
    assert found.wrong == []
    assert found.states >= 1_000
    assert set(found.models) == set(get_args(Model))


@pytest.mark.slow
@pytest.mark.parametrize("flushes", BROKEN.values(), ids=BROKEN.keys())
def test_without_one_kind_of_flush_it_does_not(
    recorded: tuple[Path, list[Call]], flushes: Flushes
) -> None:
    assert enumerated(disks(recorded, flushes), recorded[0], violation, seeds=1).wrong
