"""`vouch keys`: callers across a change of keys, and what a destroyed key leaves behind."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import msgspec
import pytest

from schemas.instants import millis
from schemas.topics import EVENTS
from streams.home import Home
from streams.simulator import simulate
from tests.e2e.test_rebuild import START
from tests.e2e.world import ROOT, encoded, figures, imported, jsonl, until, vouch
from tests.sources.calls import HEADER, QUEUED, line

WINTER, SPRING = "1999-01-01", "1999-04-01"
BANK = ("--from", "1999-01-01", "--to", "2000-01-01", "--measure", "funnel.*,repeat.*")
#: Long before now, whenever that is: the quarter in which a sealed archive took its events.
TAKEN, PERIOD = millis("2019-02-03T04:05:06.789Z"), "2019-01-01"
DAY = ("--from", "2026-01-05", "--to", "2026-01-06", "--measure", "funnel.*,repeat.*")


def said(data: Path, *words: str, status: int = 0) -> str:
    """What `vouch keys` says."""
    done = vouch(data, "keys", *words)
    assert done.returncode == status, done.stderr.decode()
    return (done.stderr if status else done.stdout).decode()


def asked(data: Path, query: str) -> list[tuple[object, ...]]:
    """Stock DuckDB over the archive's files."""
    files = f"read_parquet('{data}/archive/data/**/*.parquet', union_by_name = true)"
    found: list[tuple[object, ...]] = duckdb.sql(query.format(files)).fetchall()
    return found


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """One customer of the bank, who called on the days before and after a change of keys."""
    days = {"march": "990331", "april": "990401", "may": "990501"}
    for number, (name, day) in enumerate(days.items()):
        row = line(QUEUED | {"date": day, "call_id": str(number)})
        (tmp_path / f"{name}.txt").write_bytes(HEADER + row)
        imported(tmp_path / "data", "technion", tmp_path / f"{name}.txt")
    return tmp_path / "data"


def test_a_caller_is_the_same_across_a_change_of_keys(bank: Path) -> None:
    march, april, may = asked(
        bank,
        "SELECT caller, caller_before FROM {} WHERE type = 'contact.arrived' ORDER BY time_ms",
    )
    assert april[1] == march[0]
    assert (march[1], may) == (None, (april[0], None))
    assert len({march[0], april[0]}) == 2
    listed = said(bank, "list").splitlines()
    assert [line.split()[0] for line in listed[1:]] == [WINTER, SPRING]
    assert [line.endswith("UTC  caller") for line in listed[1:]] == [True, True]


def test_a_key_is_destroyed_once_its_time_has_come_and_nothing_holds_it(bank: Path) -> None:
    before = figures(bank, *BANK)
    said(bank, "hold", WINTER, "--reason", "access request 12")
    assert "ON HOLD: access request 12" in said(bank, "list")
    refused = said(bank, "destroy", WINTER, "--reason", "time is up", status=1)
    assert "are on hold: access request 12" in refused
    assert "caller" in said(bank, "list").splitlines()[1]
    said(bank, "release", WINTER)
    said(bank, "destroy", WINTER, "--reason", "time is up")
    assert said(bank, "list").splitlines()[1].endswith("destroyed")
    assert "destroyed already" in said(bank, "destroy", WINTER, "--reason", "again")
    assert "destroyed already" in said(bank, "hold", WINTER, "--reason", "too late", status=1)
    assert figures(bank, *BANK) == before
    assert vouch(bank, "verify", "archive").returncode == 0

    again = vouch(bank, "import", "technion", str(bank.parent / "march.txt"))
    assert again.returncode == 1
    assert b"keys of the period from 1999-01-01 were destroyed" in again.stderr
    assert figures(bank, *BANK) == before


def test_keys_that_never_were_cannot_be_destroyed(tmp_path: Path) -> None:
    """A slip in a date must not close a period to every later import."""
    data = tmp_path / "data"
    said(data, "rotate")
    refused = said(data, "destroy", "1998-01-01", "--reason", "a slip", status=1)
    assert "there are no keys of 1998-01-01" in refused
    assert not (data / "archive" / "disposals").exists()


def test_the_keys_of_now_are_not_destroyed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert said(data, "rotate").startswith("From ")
    rotated = said(data, "list").splitlines()[1].split()[0]
    assert len(rotated) in {len("2026-04-01"), len("2026-05-10T14")}
    refused = said(data, "destroy", rotated, "--reason", "why", status=1)
    assert "are in use until" in refused
    for words in (["destroy", rotated, "--reason", " "], ["hold", "2026-01-02", "--reason", "why"]):
        assert vouch(data, "keys", *words).returncode == 1


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """A data folder that seals, and took its events years ago."""
    home = Home(tmp_path / "data")
    home.data.mkdir()
    (home.data / "privacy.toml").write_text("seal = true\n")
    events = encoded(simulate(START, 1, 7, scale=0.1))
    with closing(home.log()) as log:
        log.append(EVENTS, [(msgspec.json.decode(e)["subject"], e) for e in events], TAKEN)
    figures(home.data, *DAY)
    return home.data


def of_no_caller(found: bytes) -> list[dict[str, object]]:
    """The figures that need no personal column."""
    rows: list[dict[str, object]] = msgspec.json.decode(found)
    return [row for row in rows if not str(row["measure"]).startswith(("repeat.", "persistence."))]


def test_figures_hashes_and_open_columns_stay_when_a_key_is_destroyed(sealed: Path) -> None:
    live = figures(sealed, *DAY)
    assert of_no_caller(figures(sealed, *DAY, "--engine", "sql")) == of_no_caller(live)
    counts = asked(sealed, "SELECT type, count(*) FROM {} GROUP BY ALL ORDER BY ALL")
    assert len(counts) > 5
    assert asked(sealed, "SELECT count(caller), count(value) FROM {}") == [(0, 0)]
    with pytest.raises(duckdb.Error, match="encrypted"):
        asked(sealed, "SELECT sealed_value FROM {}")
    assert "caller" not in said(sealed, "list").splitlines()[1]

    said(sealed, "destroy", PERIOD, "--reason", "two years have passed")
    after = figures(sealed, *DAY)
    assert of_no_caller(after) == of_no_caller(live)
    assert after == figures(sealed, *DAY, "--engine", "sql")
    assert asked(sealed, "SELECT type, count(*) FROM {} GROUP BY ALL ORDER BY ALL") == counts
    verified = vouch(sealed, "verify", "archive")
    assert verified.returncode == 0
    assert f"by the key of {PERIOD}\nThe archive is whole." in verified.stdout.decode()


def test_a_lost_key_is_not_a_destroyed_one(sealed: Path) -> None:
    (sealed / "keys" / PERIOD / "seal").unlink()
    verified = vouch(sealed, "verify", "archive")
    assert verified.returncode == 0
    assert f"without the key of {PERIOD}; not checked" in verified.stdout.decode()
    late = jsonl(sealed.parent / "late.jsonl", encoded(simulate(START, 1, 7, scale=0.1))[:50])
    asked_for = vouch(sealed, "import", "events", str(late))
    assert asked_for.returncode == 1
    assert b"is not here: restore it" in asked_for.stderr


def test_a_destruction_that_is_killed_is_whole_or_did_not_begin(sealed: Path) -> None:
    before = figures(sealed, *DAY)
    command = [sys.executable, "-m", "streams.cli", "keys", "destroy", PERIOD]
    for wanted in ("worker.lock", "archive/disposals/000000000000.json"):
        (sealed / "worker.lock").unlink(missing_ok=True)
        destroying = [*command, "--reason", "time is up", "--data", str(sealed)]
        with subprocess.Popen(destroying, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
            until(lambda name=wanted: (sealed / name).exists())  # type: ignore[misc]
            process.kill()
        recorded = any((sealed / "archive" / "disposals").glob("0*.json"))
        assert recorded or (sealed / "keys" / PERIOD / "seal").exists()
        assert vouch(sealed, "verify", "archive").returncode == 0
        assert of_no_caller(figures(sealed, *DAY)) == of_no_caller(before)
        assert recorded == said(sealed, "list").splitlines()[1].endswith("destroyed")
    assert not (sealed / "keys" / PERIOD / "seal").exists()
