"""A lost log: the archive goes on under a new one, and nothing archived leaves the figures."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from schemas.topics import EVENTS, partition_of
from sinks.archive import reader
from sinks.archive.verifier import verify
from streams.commands.intake import settle
from streams.commands.measures import ask_for
from streams.home import Home
from streams.runtimes.asking import Request
from tests.core.examples import DAY_OF_START, raw

ASKED = Request(*DAY_OF_START, None, ("department", "queue"))
CALLS = [f"c{number}" for number in range(40)]


def _tell(home: Home, *kinds: tuple[str, float, Mapping[str, object]]) -> None:
    log = home.log()
    entries = [
        (call, raw(kind, second, call, **data)) for call in CALLS for kind, second, data in kinds
    ]
    log.append(EVENTS, entries, 1)
    log.close()
    settle(home)


def test_a_new_log_continues_the_old_one(tmp_path: Path) -> None:
    home = Home(tmp_path)
    arrived = ("contact.arrived", 0.0, {"department": "ircc", "channel": "phone"})
    _tell(home, arrived, ("queue.entered", 1.0, {"queue": "q1"}))
    first = home.log()
    old = first.log_id
    first.close()
    for path in tmp_path.glob("log.sqlite*"):
        path.unlink()
    _tell(home, arrived, ("agent.connected", 9.0, {"agent": "a1"}))  # a repeat, and news
    live, by_sql = ask_for(home, ASKED, "live"), ask_for(home, ASKED, "sql")
    counts = {figure.measure: figure.numerator for figure in live}
    assert (counts["funnel.arrived"], counts["funnel.answered"]) == (len(CALLS), len(CALLS))
    assert live == by_sql
    report = verify(home.archive)
    assert (report.faults, report.logs) == ([], 2)
    log = home.log()
    number = partition_of(CALLS[0])
    began = reader.entries(home.archive, log.log_id, EVENTS, number)[0].continues
    log.close()
    assert began is not None
    assert began.log_id == old


def test_it_is_applied_once_and_again_after_the_state_is_lost(tmp_path: Path) -> None:
    home = Home(tmp_path)
    _tell(home, ("contact.arrived", 0.0, {"department": "ircc", "channel": "phone"}))
    for path in tmp_path.glob("log.sqlite*"):
        path.unlink()
    _tell(home, ("agent.requested", 1.0, {}))
    before = ask_for(home, ASKED, "live")
    assert ask_for(home, ASKED, "live") == before
    for path in sorted((tmp_path / "state").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    assert ask_for(home, ASKED, "live") == before


def test_the_archive_alone_is_counted_before_anything_new_comes(tmp_path: Path) -> None:
    home = Home(tmp_path / "whole")
    _tell(home, ("contact.arrived", 0.0, {"department": "ircc", "channel": "phone"}))
    alone = Home(tmp_path / "alone")
    shutil.copytree(home.archive, alone.archive)
    expected = ask_for(home, ASKED, "live")
    assert len(expected) > 0
    for engine in ("live", "sql"):
        assert ask_for(alone, ASKED, engine) == expected
