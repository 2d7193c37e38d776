"""The evidence is exactly the events below some positions, archived or not, sealed or not."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from schemas.errors import Stop
from schemas.topics import EVENTS
from sinks.archive.pieces import content, subjects, values
from streams.embedded import Embedded
from streams.recounting.evidence import Evidence, evidence
from streams.recounting.shares import linked, shares
from tests.e2e.folder import call, fact
from tests.runtimes.support import bring

CALLS = [call(f"2026-01-05T14:{n:02d}", f"call-{n}", caller=f"{n % 5:032x}") for n in range(30)]


@pytest.fixture
def home(tmp_path: Path) -> Embedded:
    """Two thirds of the calls are archived, the others are in the log."""
    found = Embedded(tmp_path)
    with closing(found.log()) as log:
        bring(log, [raw for told in CALLS[:20] for raw in told])
        _archive(found)
        bring(log, [raw for told in CALLS[20:] for raw in told])
    return found


def _archive(home: Embedded) -> None:
    with closing(home.log()) as log, home.lock():
        home.archiver(log).step(0, flush=True)


def _ends(home: Embedded) -> list[int]:
    with closing(home.log()) as log:
        return [log.bounds(EVENTS, number)[1] for number in range(log.partitions)]


def _offsets(found: Evidence) -> dict[int, list[int]]:
    return {
        number: [n for piece in pieces for n in pq.read_table(piece.path)["offset"].to_pylist()]
        for number, pieces in found.partitions.items()
    }


def test_what_is_archived_is_the_evidence_where_no_positions_are_given(home: Embedded) -> None:
    with evidence(home) as found:
        told = [
            raw
            for share in shares(found)
            for n in range(len(share))
            for _, some in share.values(n)
            for raw in some
        ]
    assert sorted(told) == sorted(raw for call_ in CALLS[:20] for raw in call_)
    assert found.beyond == 0


@pytest.mark.parametrize("missing", [0, 1, 3, 60])
def test_it_ends_at_the_positions_wherever_the_archive_does(home: Embedded, missing: int) -> None:
    positions = [max(end - missing, 0) for end in _ends(home)]
    with evidence(home, positions) as found:
        assert _offsets(found) == {n: list(range(end)) for n, end in enumerate(positions)}
        assert all(content(piece) for pieces in found.partitions.values() for piece in pieces)
        assert [found.positions[n] for n in range(len(positions))] == positions


def test_rows_that_are_not_archived_are_counted(home: Embedded) -> None:
    with evidence(home, _ends(home)) as found:
        assert found.beyond == sum(map(len, CALLS[20:]))


def test_a_changed_file_is_not_read(home: Embedded) -> None:
    with evidence(home) as found:
        (piece, *_), *_ = (pieces for pieces in found.partitions.values() if pieces)
        piece.path.write_bytes(piece.path.read_bytes()[:-1] + b"?")
        for read in (content, subjects, lambda p: list(values(p))):
            with pytest.raises(Stop, match="changed"):
                read(piece)


def test_keys_that_one_contact_names_are_of_one_caller(home: Embedded) -> None:
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
