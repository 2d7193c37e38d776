"""The evidence is exactly the events below some positions, archived or not, sealed or not."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from schemas.errors import Retry, Stop
from schemas.instants import millis
from schemas.topics import EVENTS
from sinks.archive.layout import Chain
from sinks.archive.pieces import Piece, content, pieces, subjects, values
from sinks.sql import Recomputation
from streams.gate.known import known_to_core, known_to_sql, recount_folded
from streams.home import Home
from streams.recounting.evidence import Evidence, evidence
from streams.recounting.scratch import scratch
from streams.recounting.shares import linked, shares
from tests.e2e.folder import call, fact
from tests.runtimes.support import bring

CALLS = [call(f"2026-01-05T14:{n:02d}", f"call-{n}", caller=f"{n % 5:032x}") for n in range(30)]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Two thirds of the calls are archived, the others are in the log."""
    found = Home(tmp_path)
    with closing(found.log()) as log:
        bring(log, [raw for told in CALLS[:20] for raw in told])
        _archive(found)
        bring(log, [raw for told in CALLS[20:] for raw in told])
    return found


def _archive(home: Home) -> None:
    with closing(home.log()) as log, home.lock():
        home.archiver(log).step(0, flush=True)


def _ends(home: Home) -> list[int]:
    with closing(home.log()) as log:
        return [log.bounds(EVENTS, number)[1] for number in range(log.partitions)]


def _offsets(found: Evidence) -> dict[int, list[int]]:
    return {
        number: [
            n
            for piece in pieces
            for n in pq.read_table(piece.path, columns=["offset"])["offset"].to_pylist()
        ]
        for number, pieces in found.partitions.items()
    }


def _told(found: Evidence) -> list[bytes]:
    return [
        raw
        for share in shares(found)
        for n in range(len(share))
        for _, some in share.values(n)
        for raw in some
    ]


def test_what_is_archived_is_the_evidence_where_no_positions_are_given(home: Home) -> None:
    with evidence(home) as found:
        told = _told(found)
    assert sorted(told) == sorted(raw for call_ in CALLS[:20] for raw in call_)
    assert found.beyond == 0


@pytest.mark.parametrize("missing", [0, 1, 3, 60])
def test_it_ends_at_the_positions_wherever_the_archive_does(home: Home, missing: int) -> None:
    positions = [max(end - missing, 0) for end in _ends(home)]
    with evidence(home, positions) as found:
        assert _offsets(found) == {n: list(range(end)) for n, end in enumerate(positions)}
        assert all(content(piece) for pieces in found.partitions.values() for piece in pieces)
        assert [found.positions[n] for n in range(len(positions))] == positions


def test_rows_that_are_not_archived_are_counted(home: Home) -> None:
    with evidence(home, _ends(home)) as found:
        assert found.beyond == sum(map(len, CALLS[20:]))


def test_a_changed_file_is_not_read(home: Home) -> None:
    with evidence(home) as found:
        (piece, *_), *_ = (pieces for pieces in found.partitions.values() if pieces)
        piece.path.write_bytes(piece.path.read_bytes()[:-1] + b"?")
        for read in (content, subjects, lambda p: list(values(p))):
            with pytest.raises(Stop, match="changed"):
                read(piece)
        with pytest.raises(Stop, match="changed"):
            _ = found.files


def test_files_that_are_replaced_stay_for_whoever_reads_them(home: Home) -> None:
    with evidence(home) as found:
        assert all("/partition=" in str(path) for path in found.files)
        shutil.rmtree(home.archive / "data")
        assert sorted(_told(found)) == sorted(raw for call_ in CALLS[:20] for raw in call_)
        with Recomputation(found.files, found.newest_ms or 0) as recomputation:
            assert len(recomputation.contacts()) == 20


@pytest.mark.parametrize("times", [1, 4])
def test_files_that_are_replaced_while_they_are_listed_are_listed_again(
    home: Home, times: int
) -> None:
    with evidence(home, listed=_Replaced(times)) as found:
        assert len(_told(found)) == sum(map(len, CALLS[:20]))
        found.files  # noqa: B018  # every file is what was committed


def test_files_that_are_replaced_each_time_are_a_retry(home: Home) -> None:
    with pytest.raises(Retry, match="ask again"), evidence(home, listed=_Replaced(99)):
        pass


class _Replaced:
    """Lists files of which the last is gone, so many times for each chain."""

    def __init__(self, times: int) -> None:
        self._times, self._asked = times, Counter[Chain]()

    def __call__(self, root: Path, chain: Chain) -> list[Piece]:
        self._asked[chain] += 1
        found = pieces(root, chain)
        if found and self._asked[chain] <= self._times:
            found[-1] = found[-1]._replace(path=found[-1].path.with_name("gone.parquet"))
        return found


@pytest.fixture(params=["sealed", "disposed"])
def closed(tmp_path: Path, request: pytest.FixtureRequest) -> Home:
    """All calls are archived and sealed; then their key may be destroyed."""
    (tmp_path / "privacy.toml").write_text("seal = true\n")
    found = Home(tmp_path)
    with closing(found.log()) as log:
        raws = [(f"call-{n}", raw) for n, told in enumerate(CALLS) for raw in told]
        log.append(EVENTS, raws, millis("2019-02-03T04:05:06.789Z"))
    _archive(found)
    if request.param == "disposed":
        with found.lock():
            found.dispose("2019-01-01", "time is up", millis("2026-02-01T00:00:00.000Z"))
    return found


def test_what_is_sealed_or_disposed_of_is_cut_and_read_too(closed: Home) -> None:
    positions = [max(end - 1, 0) for end in _ends(closed)]
    with evidence(closed, positions) as found:
        assert _offsets(found) == {n: list(range(end)) for n, end in enumerate(positions)}
        assert len(_told(found)) == sum(positions)
        as_of, whole = found.newest_ms or 0, {f"call-{n}" for n in range(30)}
        by_core = known_to_core(recount_folded(found, as_of), whole).records
        by_sql = known_to_sql(found, whole, as_of).records
        assert len(by_core) > 20
        assert {name: row["place"] for name, row in by_core.items()} == {
            name: row["place"] for name, row in by_sql.items()
        }
        found.files  # noqa: B018  # every file is what it says it is


HOLDS = """
import sys
from pathlib import Path
from streams.recounting.scratch import scratch
with scratch(Path(sys.argv[1])) as folder:
    (folder / "clear").write_text("callers")
    print(folder, flush=True)
    sys.stdin.read()
"""


def test_room_is_private_and_what_a_killed_process_left_goes(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        theirs = Path(other.stdout.readline().decode().strip())
        with scratch(tmp_path) as ours:
            assert {path.stat().st_mode & 0o777 for path in (ours, ours.parent)} == {0o700}
            assert set((tmp_path / "scratch").iterdir()) == {ours, theirs}
        other.kill()
    assert (theirs / "clear").exists()
    with scratch(tmp_path) as ours:
        assert [*(tmp_path / "scratch").iterdir()] == [ours]
    assert [*(tmp_path / "scratch").iterdir()] == []


def test_where_a_data_folder_cannot_be_written_there_is_room_elsewhere() -> None:
    with scratch(Path("/proc")) as folder:
        (folder / "clear").write_text("callers")
        assert folder.parent == Path(tempfile.gettempdir())
    assert not folder.exists()


def test_all_that_is_made_of_evidence_lies_in_the_data_folder(home: Home) -> None:
    with evidence(home, _ends(home)) as found:
        assert found.scratch is not None
        assert found.scratch.parent == home.data / "scratch"
        assert all(path.is_relative_to(found.scratch) for path in found.files)
    assert not found.scratch.exists()


def test_keys_that_one_contact_names_are_of_one_caller(home: Home) -> None:
    with closing(home.log()) as log:
        bring(
            log,
            [
                fact(
                    "2026-01-06T10:00",
                    "contact.arrived",
                    "new",
                    department="ircc",
                    channel="phone",
                    caller="b" * 32,
                    caller_before="a" * 32,
                ),
                fact(
                    "2026-01-06T10:01",
                    "contact.arrived",
                    "other",
                    department="ircc",
                    channel="phone",
                    caller="c" * 32,
                ),
            ],
        )
    with evidence(home, _ends(home)) as found:
        keys = linked(found)
    assert keys.first("a" * 32) == keys.first("b" * 32)
    assert keys.first("c" * 32) == "c" * 32


def test_keys_are_read_of_files_that_are_older_than_a_column(home: Home) -> None:
    """Of one call, the newer file names a key before its own, the older cannot."""
    caller = {"department": "ircc", "channel": "phone", "caller": "b" * 32}
    with closing(home.log()) as log:
        bring(
            log,
            [
                fact(
                    "2026-01-06T10:00",
                    "contact.arrived",
                    "call-0",
                    caller_before="a" * 32,
                    **caller,
                )
            ],
        )
    with evidence(home, _ends(home)) as found:
        older = {n: [_older(piece) for piece in some] for n, some in found.partitions.items()}
        keys = linked(replace(found, partitions=older))
    assert keys.first("a" * 32) == keys.first("b" * 32) == keys.first("0" * 32)


def _older(piece: Piece) -> Piece:
    """The same without the column, where nothing is in it."""
    columns = pq.read_table(piece.path, partitioning=None)
    if columns["caller_before"].null_count < len(columns):
        return piece
    path = piece.path.with_name(f"older-{piece.path.name}")
    pq.write_table(columns.drop_columns("caller_before"), path)
    return piece._replace(path=path, sha256=sha256(path.read_bytes()).hexdigest())
