"""The recomputation in a process of its own: the same figures, and words for what goes wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest

from schemas.errors import Retry, Stop
from schemas.instants import HOUR
from schemas.measures import MEASURES
from sinks.published import text
from sinks.recount import Ask, Reply, Request, recount
from sinks.sql import Recomputation, SqlFigure
from tests.sql.events import AS_OF, DAY, PERIOD, event, table

ROOT = Path(__file__).parents[2]
ZONES = {"ircc": "UTC"}
DECLARED: dict[str, Any] = {
    "of": "arrived",
    "count": 7,
    "attribution": "cohort",
    "authority": "switch",
    **PERIOD,
}
RAWS = [
    event("contact.arrived", 0, department="ircc", channel="phone"),
    event("queue.entered", 1_000, queue="q"),
    event("agent.connected", 9_000),
    event("contact.ended", 99_000, by="customer"),
    event("queue.entered", 2_000, "c2", department="ircc", queue="q"),
    event("queue.entered", 5_000, "c2", queue="r"),
    event("queue.left", 30_000, "c2", how="abandoned"),
    event("queue.entered", 2_000, "c3", department="esdc", queue="q"),
    event("email.received", 0, "mail", department="ircc"),
    event("agent.state_changed", 0, "shift", agent="a", state="ready", department="ircc"),
    event("control.total_declared", 0, "total", department="ircc", **DECLARED),
]
EVERYTHING = Ask(
    measures=tuple(MEASURES),
    periods=(DAY,),
    zones=ZONES,
    default_zone="UTC",
    dimensions=("department",),
)


@pytest.fixture
def archive(tmp_path: Path) -> list[Path]:
    path = tmp_path / "it's.parquet"
    pq.write_table(table(RAWS), path)
    return [path]


def _ask(measures: tuple[str, ...], **given: object) -> Ask:
    return msgspec.structs.replace(EVERYTHING, measures=measures, **given)


def _process(request: bytes, *options: str) -> subprocess.CompletedProcess[bytes]:
    call = [sys.executable, *options, "-m", "sinks.recount"]
    return subprocess.run(call, input=request, capture_output=True, cwd=ROOT, check=False)


def test_it_says_what_the_same_sql_says_in_this_process(archive: list[Path]) -> None:
    by_interval = _ask(tuple(MEASURES), attribution="interval")
    with Recomputation(archive, AS_OF) as here:
        expected = [
            here.figures(list(MEASURES), [DAY], ZONES, "UTC", ["department"], attribution)
            for attribution in ("cohort", "interval")
        ]
    assert recount(archive, AS_OF, [EVERYTHING, by_interval], spill=archive[0].parent) == expected
    assert list(archive[0].parent.iterdir()) == archive  # nothing is left behind


def test_its_process_knows_nothing_of_the_stream(archive: list[Path]) -> None:
    request = Request(files=(f"{archive[0]}",), as_of=AS_OF, asks=(EVERYTHING,))
    ran = _process(msgspec.json.encode(request), "-X", "importtime")
    loaded = {line.rsplit("|")[-1].strip() for line in ran.stderr.decode().splitlines()}
    assert {"duckdb", "schemas.measures", "sinks.sql"} <= loaded
    assert not [name for name in loaded if name.split(".")[0] == "streams"]
    (figures,) = msgspec.json.decode(ran.stdout, type=Reply).figures
    assert {"answer.rate", "agent.time"} <= {measure for measure, *_ in figures}


def _behind(found: list[SqlFigure]) -> dict[tuple[str | None, ...], tuple[int | None, int | None]]:
    return {figure.dims: (figure.numerator, figure.denominator) for figure in found}


def test_each_contact_behind_a_figure_and_what_it_adds(archive: list[Path]) -> None:
    names = ("answer.rate", "funnel.asked", "wait.p90", "segment.wait_p90", "agent.time")
    asks = [_ask((name,), each=True) for name in names]
    rate, asked, wait, segment, agent = map(_behind, recount(archive, AS_OF, asks))
    assert rate == {("ircc", "c1"): (1, 1), ("ircc", "c2"): (0, 1), ("esdc", "c3"): (0, 1)}
    assert {dims for dims, added in asked.items() if added == (1, None)} == set(rate)
    assert wait == {("ircc", "c1"): (8, 1)}
    assert segment == {("ircc", "c1"): (8, 1)}
    assert agent == {("ircc", "shift"): (3_600_000, None)}


def test_what_contacts_add_is_the_figure(archive: list[Path]) -> None:
    """Of every measure but percentiles, which rank, and the remainder, which has no contacts."""
    whole, behind = recount(
        archive, AS_OF, [EVERYTHING, msgspec.structs.replace(EVERYTHING, each=True)]
    )
    summed: dict[tuple[str, str | None], list[int]] = {}
    for one in behind:
        pair = summed.setdefault((one.measure, one.dims[0]), [0, 0])
        pair[0] += one.numerator or 0
        pair[1] += one.denominator or 0
    for figure in whole:
        kind = MEASURES[figure.measure].kind
        numerator, denominator = summed.get((figure.measure, figure.dims[0]), [0, 0])
        assert denominator == (figure.denominator or 0)
        if kind not in ("percentile", "remainder"):
            assert numerator == figure.numerator
    assert "funnel.unexplained" in {figure.measure for figure in whole}
    assert "funnel.unexplained" not in {figure.measure for figure in behind}


def test_a_measure_that_is_not_packaged_is_of_the_relation_of_its_base(
    archive: list[Path],
) -> None:
    old = text("measures/segment.answered").replace("'answered'", "'abandoned'")
    ask = _ask(("segment.answered@1", "segment.answered"), texts={"segment.answered@1": old})
    (found,) = recount(archive, AS_OF, [msgspec.structs.replace(ask, dimensions=())])
    assert [(figure.measure, figure.numerator) for figure in found] == [
        ("segment.answered@1", 1),
        ("segment.answered", 1),
    ]
    by_interval = msgspec.structs.replace(ask, attribution="interval")
    (found,) = recount(archive, AS_OF, [by_interval])
    assert {figure.measure for figure in found} == {"segment.answered@1", "segment.answered"}


def test_a_text_that_reads_the_period_and_the_dimensions_reads_what_they_are(
    archive: list[Path],
) -> None:
    aged = """-- Ages at the end of the period, where the department is known.
        SELECT period_start_ms, period_end_ms, zone, dims,
               sum(period_end_ms - arrived_ms) AS numerator, count(*) AS denominator
        FROM cohort WHERE zone = 'UTC' AND dims[1] IS NOT NULL GROUP BY ALL;"""
    ask = _ask(("answer.rate@1",), texts={"answer.rate@1": aged})
    (found,) = recount(archive, AS_OF, [ask])
    ages = [10 * HOUR - ms for ms in (0, 2_000, 2_000)]
    assert [(figure.dims, figure.numerator, figure.denominator) for figure in found] == [
        (("esdc",), ages[1], 1),
        (("ircc",), ages[0] + ages[2], 2),
    ]


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"measures": ("answer.rat",)}, "unknown measure: answer.rat"),
        ({"measures": ("answer.rate@1",)}, "unknown measure: answer.rate@1"),
        ({"dimensions": ("caller",)}, "unknown dimension: caller"),
        ({"measures": ("a@1",), "texts": {"a@1": "SELECT 1"}}, "unknown measure: a"),
        (
            {"measures": ("answer.rate@1",), "texts": {"answer.rate@1": "SELECT pace FROM cohort"}},
            "pace",
        ),
    ],
)
def test_a_question_that_cannot_be_answered_is_a_stop_with_words(
    archive: list[Path], asked: dict[str, object], problem: str
) -> None:
    with pytest.raises(Stop, match=problem):
        recount(archive, AS_OF, [msgspec.structs.replace(EVERYTHING, **asked)])


def test_a_request_that_cannot_be_read_is_said() -> None:
    ran = _process(b'{"files": 7}')
    assert (ran.returncode, ran.stdout) == (1, b"")
    assert b"the request cannot be read: " in ran.stderr


def test_a_file_that_is_absent_cut_or_broken_is_named(archive: list[Path], tmp_path: Path) -> None:
    whole = archive[0].read_bytes()
    data = whole.index(b"contact.arrived")
    broken = whole[: data - 40] + bytes(120) + whole[data + 80 :]
    for name, content, word in (
        ("absent", None, "No files found"),
        ("cut", whole[:-100], "magic"),
        ("broken", broken, ""),
    ):
        path = tmp_path / f"{name}.parquet"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(Stop, match=rf"cannot be recomputed: .*{name}\.parquet.*{word}"):
            recount([*archive, path], AS_OF, [EVERYTHING])


def test_too_little_memory_is_a_retry_with_words(archive: list[Path]) -> None:
    with pytest.raises(Retry, match="needs more memory"):
        recount(archive, AS_OF, [EVERYTHING], memory_limit="1MB")


def test_a_process_that_is_killed_is_a_retry_with_words(tmp_path: Path) -> None:
    """Its file is a pipe that nobody fills: it waits, until it is killed."""
    pipe = tmp_path / "pipe.parquet"
    os.mkfifo(pipe)
    before = _children()
    with ThreadPoolExecutor(1) as other:
        asked = other.submit(recount, [pipe], AS_OF, [EVERYTHING])
        with pipe.open("wb"):  # returns when the process has opened it too
            (child,) = _children() - before
            os.kill(child, signal.SIGKILL)
            with pytest.raises(Retry, match="ended by SIGKILL"):
                asked.result()


def _children() -> set[int]:
    """The processes that this one has started, and that are not over."""
    return {
        int(pid)
        for children in Path("/proc/self/task").glob("*/children")
        for pid in children.read_text().split()
    }
