"""`vouch trace`: from a figure to its evidence, and from a contact to its figures."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

import duckdb
import msgspec
import pytest

from schemas.board import Figure
from schemas.errors import Retry, Stop
from schemas.instants import millis
from schemas.topics import partition_of
from sinks.archive.compaction import compacting
from sinks.archive.reader import chains, entries
from streams.clock import now_ms
from streams.finals.ledger import Ledger
from streams.home import Home
from streams.keyring.keys import OpenKeys
from streams.tracing.archive import Archive, archived
from streams.tracing.behind import Contact
from streams.tracing.finding import find
from streams.tracing.paper import located
from tests.e2e.folder import Folder, call, clock, declared, fact

Trace = dict[str, Any]
RATE = "answer.rate/2026-01/department=ircc"
WHOLE = ("--from", "2026-01-01", "--to", "2026-02-01", "--by", "department")


VERSION = """
[[version]]
measure = "answer.rate"
number = 2
effective_from = 2026-01-01
numerator = "answered"
denominator = "asked"
sql = '''
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'answered') AS numerator,
       count(*) FILTER (WHERE asked_ms IS NOT NULL){more} AS denominator
FROM cohort
GROUP BY ALL;
'''
changed = {{ en = "callbacks", fr = "rappels" }}
reason = {{ en = "for the test", fr = "pour le test" }}
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trace") / "data"


@pytest.fixture
def folder(data: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Folder:
    """Calls of twenty days, a day a commit; a shift, and a total that somebody declared."""
    found = Folder(data, capfdbinary)
    if not data.exists():
        found.tell(*_of_day(5))
        found.tell(
            fact("2026-01-05T13:00", "agent.state_changed", "shift", agent="a", state="ready"),
            fact("2026-01-05T15:00", "agent.state_changed", "shift", agent="a", state="offline"),
            declared("2026-01-06T12:00", "arrived", 9, "2026-01-05T05:00", "2026-01-06T05:00"),
            call("2026-01-05T15:00", "answer.rate/2026-01", 1),
        )
        found.raw("measures", *WHOLE)
        for day in (6, 7, 20):
            found.tell(*_of_day(day))
            found.raw("measures", *WHOLE)
        found.tell(clock("2026-02-20T05:00"))
        found.raw("measures", *WHOLE)
    return found


@pytest.fixture
def copy(folder: Folder, tmp_path: Path) -> Folder:
    """The same, to be changed."""
    copytree(folder.path, tmp_path / "data")
    return Folder(tmp_path / "data", folder.capture)


def _of_day(day: int) -> Iterator[list[bytes]]:
    for n in range(12):
        at = f"2026-01-{day:02d}T15:{n:02d}"
        yield call(at, f"call-{day}-{n}", None if n == 0 else n, caller=f"token-{n % 5}")


def trace(folder: Folder, *words: str) -> Trace:
    found: Trace = msgspec.json.decode(folder.raw("trace", *words, "--format", "json"))
    return found


def listed(folder: Folder, reference: str) -> dict[str, tuple[str, str]]:
    """Contact -> what it contributes, as text."""
    said = folder.run("trace", reference, "--format", "csv")
    assert said.status == 0, said.err
    rows = csv.DictReader(io.StringIO(said.out))
    return {row["contact"]: (row["numerator"], row["denominator"]) for row in rows}


def test_from_a_figure_to_commits_and_files(folder: Folder) -> None:
    found = trace(folder, RATE, "--contacts")
    assert [found["figure"][name] for name in ("numerator", "denominator")] == [45, 49]
    numbers = [found[name] for name in ("contacts", "in_numerator", "in_denominator")]
    assert numbers == [49, 45, 49]
    archive = folder.path / "archive"
    contacts = [one["contact"] for one in found["behind"]]
    files = str(archive / "data" / "**" / "*.parquet")
    ours = "select count(*) from read_parquet(?) where list_contains(?, subject)"
    assert duckdb.execute(ours, [files, contacts]).fetchall() == [(found["events"],)]
    for commit in found["commits"]:
        file = archive / commit["file"]
        assert sha256(file.read_bytes()).hexdigest() == commit["file_sha256"]
        assert duckdb.execute(ours, [str(file), contacts]).fetchall() == [(commit["rows"],)]
        name = f"log={commit['log_id']}/topic=contact.events.v1/partition={commit['partition']}"
        entry = archive / "log" / name / f"{commit['commit']:012d}.json"
        assert msgspec.json.decode(entry.read_bytes())["file"] == commit["file"]
    said = folder.run("trace", RATE, "--contacts")
    assert max(map(len, said.out.splitlines())) <= 120
    assert "45 / 49 = 91.84 %" in said.out
    assert all(f"  {contact} " in said.out for contact in contacts)


def test_from_a_contact_to_its_events(folder: Folder) -> None:
    found = trace(folder, "call-6-3")
    assert (found["kind"], found["outcome"]) == ("contact", "answered")
    assert [event["type"] for event in found["events"]] == [
        "contact.arrived",
        "queue.entered",
        "agent.connected",
        "contact.ended",
    ]
    for event in found["events"]:
        file = folder.path / "archive" / event["file"]
        assert sha256(file.read_bytes()).hexdigest() == event["file_sha256"]
        ((value,),) = duckdb.execute(
            'select value from read_parquet(?) where "offset" = ?', [str(file), event["offset"]]
        ).fetchall()
        assert sha256(value).hexdigest() == event["sha256"]
        assert msgspec.json.decode(value)["subject"] == "call-6-3"
    said = folder.run("trace", "call-6-3")
    assert "part of" in said.out
    assert "token-" not in said.out


def test_both_ways_say_the_same(folder: Folder) -> None:
    found = trace(folder, "call-6-3", "--across")
    parts = {part["reference"]: part for part in found["figures"]}
    assert found["left_out"] == []
    for name in ("funnel.answered", "wait.p90", "segment.wait_mean", "repeat.rate"):
        part = parts[f"{name}@1/2026-01-06/department=ircc"]
        said = tuple("" if part[k] is None else str(part[k]) for k in ("numerator", "denominator"))
        assert listed(folder, part["reference"])["call-6-3"] == said
    assert not any("2026-01-07" in reference for reference in parts)


def test_periods_of_another_length(folder: Folder) -> None:
    periods = {"day": "2026-01-06", "month": "2026-01", "quarter": "2026-Q1"}
    for grain, period in {**periods, "fiscal_year": "FY2025-26"}.items():
        found = trace(folder, "call-6-3", "--by", grain)
        assert {part["reference"].split("/")[1] for part in found["figures"]} == {period}
        assert len(found["left_out"]) > 20
        assert not {part["reference"].split("@")[0] for part in found["figures"]} & {
            *found["left_out"]
        }


def test_shifts_and_declared_totals(folder: Folder) -> None:
    shift = trace(folder, "shift")
    assert (shift["kind"], shift["outcome"]) == ("shift", "ended")
    assert any(part["reference"].startswith("agent.") for part in shift["figures"])
    total = "arrived/2026-01-05T05:00/2026-01-06T05:00/switch/cohort/ircc"
    declaration = trace(folder, total)
    assert (declaration["kind"], declaration["figures"]) == ("declaration", [])
    assert len(declaration["events"]) == 1


def test_a_name_that_begins_with_a_measure_is_a_figure_unless_said_otherwise(
    folder: Folder,
) -> None:
    said = folder.run("trace", "answer.rate/2026-01")
    assert (said.status, said.out.startswith("answer.rate@1/2026-01\n")) == (0, True)
    found = trace(folder, "--contact", "answer.rate/2026-01")
    assert (found["contact"], found["kind"]) == ("answer.rate/2026-01", "contact")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("nobody",), "no event of 'nobody' is archived"),
        (("answer.rat/2026-01",), "no figure either: a figure's name begins with a measure"),
        (("call-6-3", "--as-of", "2026-01-01T00:00:00Z"), "up to 2026-01-01T00:00:00.000Z"),
        (("answer.rate/2026-1",), "'2026-1' is not a period such as"),
        (("call-6-3", "--format", "csv"), "lists the contacts behind a figure"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(
    folder: Folder, words: tuple[str, ...], why: str
) -> None:
    said = folder.run("trace", *words)
    assert (said.status, said.out) == (1, "")
    (line,) = said.err.splitlines()
    assert why in line


def test_only_files_are_read_that_can_hold_the_contact(copy: Folder) -> None:
    """And where the state is not there to say which, all of its partition are."""
    found = copy.raw("trace", "call-6-3")
    event = trace(copy, "call-6-3")["events"][0]
    folder = (copy.path / "archive" / event["file"]).parent
    others = [path for path in folder.iterdir() if path.name != Path(event["file"]).name]
    assert others
    kept = [path.read_bytes() for path in others]
    for path in others:
        path.write_bytes(b"changed")
    assert copy.raw("trace", "call-6-3") == found
    rmtree(copy.path / "state")
    said = copy.run("trace", "call-6-3")
    assert (said.status, "changed: its sha256" in said.err) == (1, True)
    for path, content in zip(others, kept, strict=True):
        path.write_bytes(content)
    assert copy.raw("trace", "call-6-3") == found


def test_events_that_the_state_has_not_counted_yet_are_found(copy: Folder) -> None:
    """Far from the others in time, and archived before they are counted."""
    copy.tell(fact("2026-01-30T15:00", "survey.invited", "call-6-3", questionnaire="q"))
    home = Home(copy.path)
    with home.lock(), closing(home.log()) as log:
        home.archiver(log).step(now_ms(), flush=True)
    assert [event["type"] for event in trace(copy, "call-6-3")["events"]][-1] == "survey.invited"


def test_a_version_of_a_definition_and_an_sql_that_contradicts_it(copy: Folder) -> None:
    table = copy.path / "definitions.toml"
    table.write_text(VERSION.format(more=""))
    live = "answer.rate@2/2026-01/department=ircc"
    assert trace(copy, RATE)["figure"]["reference"] == live
    assert trace(copy, "answer.rate@1/2026-01/department=ircc")["contacts"] == 49
    found = {part["reference"] for part in trace(copy, "call-6-3", "--by", "month")["figures"]}
    assert live in found
    assert not any(name.startswith("answer.rate@1") for name in found)
    table.write_text(VERSION.format(more=" + 1"))
    for words in (("trace", RATE), ("sample", RATE, "--seed", "s")):
        said = copy.run(*words)
        assert (said.status, said.out) == (1, "")
        assert "the SQL counts 45 / 50, its contacts add up to 45 / 49" in said.err


def test_what_is_archived_later_is_not_looked_at(copy: Folder) -> None:
    home = Home(copy.path)
    archive, as_of = Archive(home.archive), millis("2026-03-01T00:00:00.000Z")
    before = find(archive, "call-6-3", as_of, None)
    copy.tell(fact("2026-01-06T15:30", "survey.invited", "call-6-3", questionnaire="q"))
    copy.raw("measures", *WHOLE)
    assert archive.now() != archive.ends
    assert find(archive, "call-6-3", as_of, None) == before
    for chain in chains(home.archive):  # into one file, with what came before
        with compacting(home.archive, chain, now_ms()) as compactor:
            of_chain = entries(home.archive, chain.log_id, chain.topic, chain.partition)
            compactor.compact(of_chain, None)
    found = find(archive, "call-6-3", as_of, None)
    assert [place.offset for place in found] == [place.offset for place in before]
    assert len(find(Archive(home.archive), "call-6-3", as_of, None)) == len(before) + 1


class _Moving(Home):
    """A folder in which something is archived while its evidence is listed, once."""

    moved = False

    def keys(self) -> OpenKeys:
        if not self.moved:
            self.moved = True
            with self.lock(), closing(self.log()) as log:
                self.archiver(log).step(now_ms(), flush=True)
        return super().keys()


def test_evidence_and_what_is_said_of_it_are_of_one_moment(copy: Folder) -> None:
    copy.tell(fact("2026-01-06T15:30", "survey.invited", "call-6-3", questionnaire="q"))
    home = _Moving(copy.path)
    with pytest.raises(Retry, match="the archive has moved on"), archived(home):
        pass
    with archived(home) as (_, archive):
        assert archive.ends == archive.now()


def test_a_paper_without_all_events_of_a_contact_is_none(folder: Folder) -> None:
    archive, as_of = Archive(folder.path / "archive"), millis("2026-03-01T00:00:00.000Z")
    assert len(located(archive, [_contact("2026-01-06")], as_of)["call-6-3"]) == 4
    with pytest.raises(Stop, match="call-6-3: 4 events were read, but 0 are found again"):
        located(archive, [_contact("2026-01-07")], as_of)


def _contact(day: str) -> Contact:
    """One of which all was read on a day."""
    return Contact(
        id="call-6-3",
        partition=partition_of("call-6-3"),
        numerator=1,
        denominator=1,
        outcome="answered",
        dims=(),
        span=(millis(f"{day}T15:00:00.000Z"), millis(f"{day}T16:00:00.000Z")),
        revision=4,
        caller=None,
    )


def test_recorded_figures_and_gates_that_hold_it(copy: Folder) -> None:
    rows = copy.raw("measures", *WHOLE, "--measure", "answer.rate,wait.mean", "--format", "json")
    figures = msgspec.json.decode(rows, type=list[Figure])
    final = [msgspec.structs.replace(figure, status="final", why="") for figure in figures]
    Ledger(copy.path).record(final, "cohort", "final", "")
    report = copy.path / "gate" / "2026-01" / "2026-02-20T05:00:00.000Z.json"
    report.parent.mkdir(parents=True)
    report.write_bytes(
        msgspec.json.encode(
            {
                "period": "2026-01",
                "as_of": "2026-02-20T05:00:00.000Z",
                "verdict": "blocked",
                "figures": [
                    {
                        "figure": f"{figure.measure}/2026-01/department=ircc",
                        "measure": figure.measure,
                        "version": figure.version,
                        "start": figure.period.start,
                        "end": figure.period.end,
                        "zone": figure.period.zone,
                        "dimensions": figure.dimensions,
                        "agrees": figure.measure != "wait.mean",
                    }
                    for figure in final
                ],
            }
        )
    )
    (report.parent / "2026-03-20T05:00:00.000Z.json").write_text("not a report")
    found = trace(copy, "call-6-3")
    assert {row["reference"]: row["contributes"] for row in found["recorded"]} == {
        "answer.rate@1/2026-01/department=ircc": [1, 1],
        "answer.live_rate@1/2026-01/department=ircc": [1, 1],
        "answer.callback_rate@1/2026-01/department=ircc": [0, 1],
        "access.rate@1/2026-01/department=ircc": [1, 1],
        "wait.mean@1/2026-01/department=ircc": [180_000, 1],
    }
    assert found["recorded"][0]["numerator"] == 45
    (gate, unreadable) = found["gated"]
    assert gate["verdict"] == "blocked"
    assert gate["figures"] == len(found["recorded"])
    assert gate["differ"] == ["wait.mean/2026-01/department=ircc"]
    assert unreadable["verdict"] == "unreadable"
    waiting = trace(copy, "call-6-0")  # never answered
    assert "wait.mean@1/2026-01/department=ircc" not in {
        row["reference"] for row in waiting["recorded"]
    }
    said = copy.run("trace", "call-6-3")
    assert "differs: wait.mean/2026-01/department=ircc" in said.out
