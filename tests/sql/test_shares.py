"""The archive read share by share says what it says when it is read at once."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from schemas.errors import Stop
from schemas.instants import HOUR
from schemas.measures import MEASURES, relation_of
from schemas.relations import RELATIONS
from sinks.shares import shares
from sinks.sql import Recomputation
from tests.sql.events import AS_OF, DAY, PERIOD, event, table

FIRST, SECOND = ("c1", "back", "mail", "shift", "total"), ("c2", "again", "answer", "web")
SMALL = 8_000  # bytes: less than any of the files, more than a third of them
#: One of each relation.
MEASURES_OF_ALL = [*{relation_of(measure): name for name, measure in MEASURES.items()}.values()]
PLACE = {"department": "ircc", "caller": "k"}


def _raws() -> dict[str, list[bytes]]:
    """By contact: neighbours in the queue, a caller who comes back, and a bit of everything."""
    visit = event("queue.entered", 1_000, "c1", queue="q", **PLACE)
    return {
        "c1": [visit, visit, event("agent.connected", 9_000, "c1"), event("contact.ended", 10_000)],
        "c2": [
            event("queue.entered", 3_000, "c2", queue="q", **PLACE),
            event("agent.connected", 20_000, "c2"),
        ],
        "back": [
            event("queue.entered", 2_000, "back", queue="q", department="ircc"),
            event("callback.accepted", 5_000, "back"),
            event("callback.attempted", 15_000, "back", number=1),
        ],
        "again": [event("contact.arrived", 40_000, "again", channel="phone", **PLACE)],
        "mail": [event("email.received", 0, "mail", intake="fax", **PLACE)],
        "answer": [
            event("email.received", 0, "answer", department="ircc"),
            event("email.responded", HOUR // 2, "answer"),
        ],
        "web": [event("web.task_completed", 0, "web", tool="portal")],
        "shift": [event("agent.state_changed", 0, "shift", agent="a", state="ready")],
        "total": [event("control.total_declared", 0, "total", of="arrived", count=7, **PERIOD)],
    }


def _write(folder: Path, partition: str, subjects: tuple[str, ...]) -> Path:
    path = folder / partition / "0.parquet"
    path.parent.mkdir(parents=True)
    raws = _raws()
    pq.write_table(table(raw for subject in subjects for raw in raws[subject]), path)
    return path


@pytest.fixture
def apart(tmp_path: Path) -> list[Path]:
    parts = {"partition=0": FIRST, "partition=1": SECOND}
    return [_write(tmp_path, name, subjects) for name, subjects in parts.items()]


@pytest.fixture
def together(tmp_path: Path) -> list[Path]:
    return [_write(tmp_path, "all", FIRST + SECOND)]


def test_partitions_are_shares_and_small_ones_are_taken_together(apart: list[Path]) -> None:
    assert shares(apart, least=1) == [[path] for path in apart]
    assert shares(apart) == [apart]
    assert shares([]) == [[]]


def test_a_file_that_tells_no_partition_makes_one_share(
    apart: list[Path], together: list[Path]
) -> None:
    assert shares([*apart, *together], least=1) == [[*apart, *together]]


@pytest.mark.parametrize("spilled", [True, False], ids=["on disk", "in memory"])
def test_every_row_and_figure_is_the_same(
    apart: list[Path], together: list[Path], tmp_path: Path, spilled: bool
) -> None:
    spill = tmp_path / "spill"
    spill.mkdir()
    with (
        Recomputation(together, AS_OF) as whole,
        Recomputation(apart, AS_OF, spill=spill if spilled else None, share=SMALL) as shared,
    ):
        assert shared.contacts() == whole.contacts()
        assert shared.shifts() == whole.shifts() != []
        assert shared.declarations() == whole.declarations() != []
        for name in RELATIONS:
            assert shared.rows(name) == whole.rows(name)
        found = [
            one.figures(MEASURES_OF_ALL, [DAY], {}, "UTC", ["queue"]) for one in (whole, shared)
        ]
        assert found[0] == found[1] != []
        (fidelity,) = shared.rows("fidelity")
        assert (fidelity["before_contact"], fidelity["after_contact"]) == ("c1", "c2")
        assert "again" in {row["repeated_contact"] for row in shared.rows("repeats")}


def test_a_large_share_is_read_in_parts_with_the_same_rows(together: list[Path]) -> None:
    size = together[0].stat().st_size
    with (
        Recomputation(together, AS_OF) as whole,
        Recomputation(together, AS_OF, share=size // 9) as parted,
    ):
        for name in RELATIONS:
            assert parted.rows(name) == whole.rows(name)


def test_a_contact_in_two_partitions_is_a_stop(apart: list[Path], tmp_path: Path) -> None:
    astray = _write(tmp_path, "partition=2", ("c2",))
    with pytest.raises(Stop, match="contact c2 has events in two partitions"):
        Recomputation([*apart, astray], AS_OF, share=SMALL)
