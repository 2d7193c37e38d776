"""Keys whose retention has passed are destroyed, unless they are on hold."""

from __future__ import annotations

from argparse import Namespace
from contextlib import closing
from pathlib import Path

import pytest

from schemas.errors import DeadLetter
from schemas.instants import DAY, instant, millis
from schemas.topics import EVENTS
from sinks.archive.disposal import disposals
from sinks.archive.verifier import verify
from streams.clock import now_ms
from streams.commands import keys
from streams.commands.intake import settle
from streams.home import Home
from streams.keyring.keyring import CALLER, SEAL, Period
from streams.keyring.keys import expires_ms, privacy_of
from tests.core.examples import raw

OLD, OLDER = "2001-01-01", "2000-10-01"


def period(start: str, end: str) -> Period:
    return Period(start, millis(f"{start}T00:00:00.000Z"), millis(f"{end}T00:00:00.000Z"))


@pytest.mark.parametrize(
    ("start", "end", "months", "expiry"),
    [
        ("2026-01-01", "2026-04-01", 24, "2028-04-01"),
        ("2026-01-01", "2026-04-01", 9, "2027-01-01"),
        ("2025-10-01", "2026-01-31", 1, "2026-02-28"),
        ("2025-10-01", "2028-01-30", 1, "2028-02-29"),
    ],
)
def test_months_are_those_of_the_calendar(start: str, end: str, months: int, expiry: str) -> None:
    assert instant(expires_ms(period(start, end), months)) == f"{expiry}T00:00:00.000Z"


def test_a_key_that_is_in_use_is_kept() -> None:
    short = period("2026-01-01", "2026-02-28")
    assert expires_ms(short, 1) >= short.end_ms + 7 * DAY


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Events that came in 2001, and are sealed; keys of that quarter and of the one before."""
    home = Home(tmp_path)
    (tmp_path / "privacy.toml").write_text("seal = true\nretention_months = 24\n")
    with closing(home.log()) as log:
        value = raw("contact.arrived", 0, channel="phone", caller="f" * 32)
        log.append(EVENTS, [("c", value)], millis(f"{OLD}T12:00:00.000Z"))
    with home.lock():
        settle(home)
    for name in (OLD, OLDER):
        home.keyring.key(name, CALLER)
    return home


def expire(home: Home) -> None:
    keys.run(Namespace(data=home.data, what="expire", period=None, reason=""))


def test_what_has_passed_is_destroyed_and_recorded(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    expire(home)
    assert [d.period for d in disposals(home.archive)] == [OLDER, OLD]
    assert disposals(home.archive)[0].reason == "retention of 24 months has passed"
    assert home.keyring.found(OLD, SEAL) is None
    assert "2 destroyed, 0 on hold" in capsys.readouterr().out
    report = verify(home.archive, keys=home.keys())
    assert (report.faults, report.disposed) == ([], {OLD: 1})
    expire(home)
    assert "0 destroyed, 0 on hold" in capsys.readouterr().out


def test_a_hold_is_stronger(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.keyring.hold(OLD, "access request 12")
    expire(home)
    assert home.keyring.found(OLD, SEAL) is not None
    assert [d.period for d in disposals(home.archive)] == [OLDER]
    said = capsys.readouterr().out
    assert f"{OLD:<14} KEPT, ON HOLD: access request 12" in said
    assert "1 destroyed, 1 on hold" in said
    home.keyring.release(OLD)
    expire(home)
    assert home.keyring.found(OLD, SEAL) is None


def test_without_the_setting_nothing_is_destroyed(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    (home.data / "privacy.toml").write_text("seal = true\n")
    expire(home)
    assert disposals(home.archive) == []
    assert "does not say for how long" in capsys.readouterr().out


def test_the_period_that_runs_is_never_due(home: Home) -> None:
    (home.data / "privacy.toml").write_text("retention_months = 1\n")

    today = home.keyring.period_at(now_ms())
    home.keyring.key(today.name, CALLER)
    expire(home)
    assert home.keyring.found(today.name, CALLER) is not None


@pytest.mark.parametrize("words", ["retention_months = 0", 'retention_months = "two"'])
def test_a_setting_that_says_nothing_is_refused(tmp_path: Path, words: str) -> None:
    (tmp_path / "privacy.toml").write_text(words)
    with pytest.raises(DeadLetter, match="retention_months"):
        privacy_of(tmp_path)
