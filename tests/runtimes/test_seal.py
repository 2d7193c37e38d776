"""`vouch seal`: fewer files, the same figures, and state that is made again from them."""

from __future__ import annotations

import shutil
from argparse import Namespace
from contextlib import closing
from pathlib import Path

import pytest

from schemas.errors import DeadLetter
from schemas.instants import DAY, millis
from schemas.topics import EVENTS
from sinks.archive.verifier import verify
from streams.commands import seal
from streams.commands.intake import settle
from streams.home import Home
from tests.core.examples import raw
from tests.runtimes.support import registers

CAME = millis("2026-01-31T12:00:00.000Z")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Three days on which a contact told something."""
    home = Home(tmp_path)
    for day, (kind, at) in enumerate(
        [("contact.arrived", 0), ("queue.entered", 10), ("contact.ended", 90)]
    ):
        facts = {"contact.arrived": {"channel": "phone"}, "queue.entered": {"queue": "q"}}
        value = raw(kind, at, **facts.get(kind, {"by": "agent"}))
        with closing(home.log()) as log, home.lock():
            log.append(EVENTS, [("c", value)], CAME + day * DAY)
            settle(home)
    return home


def counted(home: Home) -> object:
    with home.lock():
        settle(home)
    with home.stores() as stores:
        return registers(stores)


def run(home: Home, *, month_end: bool = False) -> int:
    return seal.run(Namespace(data=home.data, month_end=month_end))


def test_figures_stay_and_files_become_fewer(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    before = counted(home)
    assert run(home) == 0
    said = capsys.readouterr().out
    assert "files: 3 before, 2 after" in said  # a month had ended
    assert [line.split()[0] for line in said.splitlines()[:3]] == [
        "2026-01-31",
        "2026-02-01",
        "2026-02-02",
    ]
    shutil.rmtree(home.data / "state")
    assert counted(home) == before
    assert verify(home.archive).faults == []
    run(home)
    assert "0 files replaced by 0, with the same 0 rows" in capsys.readouterr().out


def test_what_came_after_is_counted_with_what_was_sealed(home: Home) -> None:
    run(home, month_end=True)
    late = [("c", raw("agent.connected", 40, agent="a"))]
    with closing(home.log()) as log:
        log.append(EVENTS, late, CAME + 4 * DAY)
    after = counted(home)
    shutil.rmtree(home.data / "state")
    assert counted(home) == after
    run(home)
    assert counted(home) == after


def test_what_is_left_for_the_next_time_is_said_with_a_status(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sorted((home.archive / "data").rglob("*.parquet"))[1]
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert run(home, month_end=True) == 1
    said = capsys.readouterr().out
    assert "3 days recorded" in said
    assert f"left for the next time: {path}: changed: its sha256" in said


def test_where_there_is_nothing_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(DeadLetter, match="there is nothing in"):
        run(Home(tmp_path))
