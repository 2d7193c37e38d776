from __future__ import annotations

import ast
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

import sinks.archive.contents
import sinks.archive.verifier
import sinks.archive.verifier_files
import sinks.archive.verifier_records
import sinks.archive.verifier_seals
from schemas.topics import EVENTS
from sinks.archive.entry import Tail, digest
from sinks.archive.layout import Chain
from sinks.archive.report import Report
from sinks.archive.verifier import verify
from sinks.archive.writer import PartitionWriter
from tests.archive.forgeries import CORPUS, entry, file, flip
from tests.archive.world import CHAIN, LOG, QUICK, Crash, Door, row, rows, writer


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four commits of five offsets each, one of them a hole; another partition, another log."""
    root = tmp_path_factory.mktemp("good")
    into = writer(root)
    for start in (0, 5, 10, 15):
        into.append([row(n) for n in range(start, start + 5) if n != 12])
        into.commit(0)
    for log_id, partition in ((LOG, 1), ("log-2", 0)):
        other = PartitionWriter(root, log_id, EVENTS, partition, writer="w", files=QUICK)
        other.append(rows(0, 3))
        other.commit(0)
    return root


@pytest.fixture
def root(good: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(good, tmp_path / "archive"))


def first(report: Report) -> tuple[str, int | None, str]:
    fault = report.faults[0]
    return Path(fault.path).name, fault.seq, fault.what


def test_a_good_archive(good: Path) -> None:
    told: list[tuple[int, int]] = []
    report = verify(good, lambda done, total: told.append((done, total)))
    assert (report.faults, report.pending) == ([], [])
    assert (report.logs, report.partitions, report.entries, report.files) == (2, 3, 6, 6)
    assert report.rows == 19 + 3 + 3
    assert report.tails[CHAIN] == Tail(log_id=LOG, seq=3, sha256=digest(entry(good, 3)))
    assert told == [(n, 6) for n in range(1, 7)]


def test_what_is_no_archive_is_no_good_archive(tmp_path: Path) -> None:
    assert first(verify(tmp_path / "nowhere"))[2] == "missing: there is no commit log here"


@pytest.mark.parametrize("name", CORPUS)
def test_a_damage_is_named_where_it_is(root: Path, name: str) -> None:
    damage, path, seq, what = CORPUS[name]
    damage(root)
    found = first(verify(root))
    assert found[:2] == (path, seq)
    assert found[2].startswith(what)


def test_a_newest_commit_that_is_staged_is_pending(root: Path) -> None:
    disk = Door()
    dying = writer(root, disk)
    dying.append(rows(20, 23))
    disk.at(6, disk.crash)  # at the flush of the log
    with pytest.raises(Crash):
        dying.commit(0)
    (staged,) = (root / CHAIN.staging).glob("*.0.parquet")
    shutil.copy(staged, staged.with_name(staged.name.replace(".0.", ".1.")))
    staged.write_bytes(b"torn")  # of another attempt
    report = verify(root)
    assert report.faults == []
    (pending,) = report.pending
    assert (pending.seq, pending.what) == (4, "not yet published: its rows are staged")
    assert report.rows == 19 + 3 + 3 + 3


def test_a_fault_does_not_hide_the_next(root: Path) -> None:
    flip(file(root, 0), 50)
    (root / CHAIN.entry(2)).write_bytes(b"{")
    (root / Chain("log-2", EVENTS, 0).entry(0)).unlink()
    found = [(Path(fault.path).name, fault.seq) for fault in verify(root).faults]
    assert found == [
        ("00000000000000000000.parquet", 0),
        ("000000000002.json", 2),
        ("000000000003.json", 3),
        ("00000000000000000010.parquet", None),
        ("00000000000000000000.parquet", None),
    ]
    assert str(verify(root).faults[0]).endswith("changed: its sha256 is not what the entry says")


def test_no_changed_byte_escapes_and_none_makes_it_fail(good: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(good, tmp_path / "archive"))
    chance = random.Random(1)
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    for path in paths * 5:
        kept = path.read_bytes()
        at = chance.randrange(len(kept))
        path.write_bytes(kept[:at] + bytes([kept[at] ^ 1 << chance.randrange(8)]) + kept[at + 1 :])
        changed = verify(root)
        newest = path.suffix == ".json" and path == max(path.parent.iterdir())
        if not newest:  # of the newest entry, some words are vouched for by `tails` alone
            assert changed.faults != [], path
        assert changed.faults or changed.tails != verify(good).tails
        path.write_bytes(kept)


@pytest.mark.parametrize(
    "module",
    [
        sinks.archive.verifier,
        sinks.archive.verifier_files,
        sinks.archive.verifier_records,
        sinks.archive.verifier_seals,
        sinks.archive.contents,
    ],
)
def test_the_verifier_shares_no_code_with_the_writer(module: Any) -> None:
    forms = {"entry", "days", "disposal", "layout", "losses", "sealed", "seals"}
    own = {"contents", "report", "verifier_files", "verifier_records", "verifier_seals"}
    shared = {"locks", "merkle", *forms, *own}
    for node in ast.walk(ast.parse(Path(module.__file__).read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sinks"):
            assert (node.module or "").rpartition(".")[2] in shared
