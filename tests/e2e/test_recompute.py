"""Figures from the archive alone: on Beam and by SQL they are the live ones, to the unit."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest
import rfc8785

from schemas.errors import Retry, Stop
from streams.cli import main
from streams.home import Home
from streams.recounting.evidence import evidence
from streams.recounting.recompute import Engine, by_beam, demand_all, everywhere
from streams.recounting.shares import shares
from streams.runtimes.asking import Request
from tests.e2e.folder import Folder
from tests.e2e.world import vouch

PERIOD = ("--from", "2026-01-01", "--to", "2026-02-01")
SPLIT = (*PERIOD, "--by", "week,department,channel,queue")
Key = tuple[Any, ...]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two simulated days, all archived and counted."""
    data = tmp_path_factory.mktemp("recompute") / "data"
    words = ("--days", "2", "--start", "2026-01-05", "--seed", "5", "--data", str(data))
    assert main(("simulate", *words)) == 0
    return data


def _integers(out: bytes) -> dict[Key, Any]:
    return {
        (f["measure"], f["period"]["start"], f["period"]["zone"], *f["dimensions"].values()): (
            f["numerator"],
            f["denominator"],
            f["value"],
        )
        for f in msgspec.json.decode(out)
    }


def _said(data: Path, *words: str) -> bytes:
    done = vouch(data, *words, "--format", "json")
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.parametrize("how", [("--workers", "1"), ("--workers", "2"), ("--engine", "sql")])
def test_the_figures_are_the_live_ones(home: Path, how: tuple[str, ...]) -> None:
    live = _integers(_said(home, "measures", *SPLIT))
    assert len(live) > 1_000
    assert _integers(_said(home, "recompute", *SPLIT, *how)) == live


def test_by_interval_too(home: Path) -> None:
    words = (*PERIOD, "--by", "day,department", "--attribution", "interval")
    live = _integers(_said(home, "measures", *words))
    assert _integers(_said(home, "recompute", *words, "--workers", "1")) == live
    assert _integers(_said(home, "recompute", *words, "--engine", "sql")) == live


def test_the_archive_is_enough(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / "archive", tmp_path / "archive")
    words = ("recompute", *SPLIT, "--workers", "1", "--measure", "answer.rate,repeat.rate")
    assert _integers(_said(tmp_path, *words)) == _integers(_said(home, *words))


def test_at_an_earlier_moment_both_engines_say_the_same(home: Path) -> None:
    words = ("recompute", *SPLIT, "--as-of", "2026-01-05T17:07:30.000Z")
    by_beam = _integers(_said(home, *words, "--workers", "1"))
    assert by_beam == _integers(_said(home, *words, "--engine", "sql"))
    whole = ("recompute", *PERIOD, "--workers", "1", "--measure", "funnel.*")
    then = _integers(_said(home, *whole, "--as-of", "2026-01-05T17:07:30.000Z"))
    now = _integers(_said(home, *whole))
    assert then.keys() <= now.keys()
    assert sum(n or 0 for n, _, _ in then.values()) < sum(n or 0 for n, _, _ in now.values())


@pytest.mark.parametrize("engine", ["beam", "sql"])
@pytest.mark.parametrize("change", ["changed", "emptied", "missing"])
def test_a_file_that_is_not_what_was_committed_stops_it(
    home: Path,
    tmp_path: Path,
    capsysbinary: pytest.CaptureFixture[bytes],
    change: str,
    engine: str,
) -> None:
    shutil.copytree(home / "archive", tmp_path / "archive")
    file = sorted((tmp_path / "archive" / "data").rglob("*.parquet"))[3]
    if change == "changed":
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    elif change == "emptied":
        pq.write_table(pq.read_table(file, partitioning=None).slice(0, 0), file)
    else:
        file.unlink()
    words = ("--workers", "1", "--engine", engine)
    said = Folder(tmp_path, capsysbinary).run("recompute", *PERIOD, *words)
    assert said.status == 1
    assert str(file) in said.err
    assert said.out == ""


def test_rows_that_were_promised_and_not_read_stop_it(
    home: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    shutil.copytree(home / "archive", tmp_path / "archive")
    newest = max((tmp_path / "archive" / "log").rglob("partition=0/*.json"))
    entry = msgspec.json.decode(newest.read_bytes())
    more = entry | {"rows": entry["rows"] + 7, "next": entry["next"] + 7}
    newest.write_bytes(rfc8785.dumps(more))
    said = Folder(tmp_path, capsysbinary).run("recompute", *PERIOD, "--workers", "1")
    assert said.status == 1
    assert "7 of the " in said.err
    assert "rows of the evidence were not read" in said.err
    assert said.out == ""


def test_a_share_that_is_lost_on_its_way_is_noticed(home: Path) -> None:
    period = date(2026, 1, 1), date(2026, 2, 1)
    request = Request(*period, measures=("funnel.arrived", "repeat.rate"))
    with evidence(Home(home)) as found:
        asked = everywhere(request, found.newest_ms or 0)
        (number, *_) = (n for n, pieces in found.partitions.items() if pieces)
        demand_all(by_beam(found, asked, Engine()), found)
        fewer = replace(found, partitions=found.partitions | {number: []})
        with pytest.raises(Stop, match="rows of the evidence were not read"):
            demand_all(by_beam(fewer, asked, Engine()), found)
        with pytest.raises(Stop, match="rows of the evidence were read more than once"):
            demand_all(by_beam(found, asked, Engine()), fewer)


def test_a_file_that_went_while_beam_ran_can_be_asked_for_again(home: Path) -> None:
    request = Request(date(2026, 1, 1), date(2026, 2, 1), measures=("funnel.arrived",))
    with evidence(Home(home)) as found:
        asked = everywhere(request, found.newest_ms or 0)
        max(shares(found), key=len).pieces[-1].path.unlink()  # of the names that hold files
        with pytest.raises(Retry, match="ask again"):
            by_beam(found, asked, Engine())


def test_it_says_how_much_was_folded(
    home: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    said = Folder(home, capsysbinary).run(
        "recompute", *PERIOD, "--measure", "funnel.arrived", "--workers", "1"
    )
    assert said.status == 0
    assert " contacts of " in said.err
    assert "apitools" not in said.err


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--as-of", "yesterday"), "is not an instant"),
        (("--workers", "0"), "is not a whole number"),
        (("--runner", "direct"), "invalid choice"),
        (("--as-of", "2030-01-01T00:00:00Z"), "the evidence ends at 2026-01-"),
        (("--measure", "nothing.*"), "no such measure"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(
    home: Path,
    capsysbinary: pytest.CaptureFixture[bytes],
    words: tuple[str, ...],
    problem: str,
) -> None:
    said = Folder(home, capsysbinary).run("recompute", *PERIOD, *words)
    assert said.status != 0
    assert problem in said.err


def test_nothing_is_called_final_where_nobody_looked_at_totals_and_deadlines(home: Path) -> None:
    figures = msgspec.json.decode(
        _said(home, "recompute", "--from", "2025-12-01", "--to", "2025-12-02", "--workers", "1")
    )
    assert {(figure["status"], figure["open"]) for figure in figures} == {("provisional", None)}
