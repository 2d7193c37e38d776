"""The bank's call log, from its files to figures that were published about it."""

from __future__ import annotations

import os
import random
from pathlib import Path

import msgspec
import pytest

from streams.sources.files import lines_of
from tests.e2e.world import figures, imported, vouch

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("VOUCH_DATA") or ROOT / "shared" / "data")
FOLDER = DATA / "technion" if (DATA / "technion").is_dir() else DATA
MONTHS = {
    "01": FOLDER / "01_January.txt.gz",
    "02": FOLDER / "02_February.txt.gz",
    "03": FOLDER / "03_March.txt.gz",
}
SEED = 1999
pytestmark = [
    pytest.mark.data,
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(path.is_file() for path in MONTHS.values()),
        reason=f"the bank's call log is not in {FOLDER.name}/ (VOUCH_DATA)",
    ),
]
STATED = {  # measure -> value
    "01": {"hangup.any": "13.71", "abandon.rate": "10.28", "queue_time.mean": "35.028"},
    "03": {"hangup.any": "27.47", "abandon.rate": "23.60", "queue_time.mean": "92.903"},
}
ROWS = {"01": (31_600, 240), "02": (33_345, 278), "03": (38_802, None)}  # header included; PHANTOM
JANUARY = ("--from", "1999-01-01", "--to", "1999-02-01")


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three months in one data folder."""
    data = tmp_path_factory.mktemp("bank") / "year"
    for month, path in MONTHS.items():
        read, phantom = ROWS[month]
        account = imported(data, "technion", path)
        assert f"{read:>10,} lines read" in account
        if phantom is not None:
            assert f"{phantom:>10,} left out: PHANTOM" in account
        assert "rejected" not in account
    return data


@pytest.mark.parametrize("month", STATED)
def test_the_stated_figures_of_a_month(year: Path, month: str) -> None:
    period = ("--from", f"1999-{month}-01", "--to", f"1999-{int(month) + 1:02d}-01")
    found = msgspec.json.decode(figures(year, *period, "--measure", ",".join(STATED[month])))
    assert {row["measure"]: row["value"] for row in found} == STATED[month]


def test_every_measure_of_every_day_is_the_same_by_sql(year: Path) -> None:
    asked = ("--from", "1999-01-01", "--to", "1999-04-01", "--by", "day,queue")
    live = figures(year, *asked)
    assert live == figures(year, *asked, "--engine", "sql")
    assert len(msgspec.json.decode(live)) > 90 * 60


def test_the_whole_archive_of_the_months_is_whole(year: Path) -> None:
    done = vouch(year, "verify", "archive")
    assert (done.returncode, b"The archive is whole." in done.stdout) == (0, True)


@pytest.fixture(scope="module")
def january(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    data = tmp_path_factory.mktemp("bank") / "whole"
    imported(data, "technion", MONTHS["01"])
    return figures(data, *JANUARY, "--by", "day,queue")


def _shuffled(folder: Path) -> list[list[Path]]:
    lines = list(lines_of(MONTHS["01"]))
    random.Random(SEED).shuffle(lines)
    return [[_file(folder / "shuffled.txt", lines)]]


def _halves(folder: Path) -> list[list[Path]]:
    """Two imports, the later half first."""
    lines = list(lines_of(MONTHS["01"]))
    header, half = lines[:1], len(lines) // 2
    later = _file(folder / "later.txt", header + lines[half:])
    return [[later], [_file(folder / "earlier.txt", lines[:half])]]


def _twice(_: Path) -> list[list[Path]]:
    return [[MONTHS["01"]], [MONTHS["01"]]]


def _file(path: Path, lines: list[bytes]) -> Path:
    path.write_bytes(b"".join(line.rstrip(b"\r\n") + b"\r\n" for line in lines))
    return path


@pytest.mark.parametrize("way", [_shuffled, _halves, _twice], ids=lambda way: way.__name__[1:])
def test_how_january_is_imported_changes_no_byte_of_its_figures(
    tmp_path: Path, january: bytes, way: object
) -> None:
    assert callable(way)
    for files in way(tmp_path):
        imported(tmp_path / "data", "technion", *files)
    assert figures(tmp_path / "data", *JANUARY, "--by", "day,queue") == january
