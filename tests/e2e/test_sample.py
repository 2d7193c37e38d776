"""`vouch sample`: a paper that another auditor can draw again, down to the raw bytes."""

from __future__ import annotations

import csv
import io
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

from schemas.errors import Stop
from schemas.instants import DAY
from schemas.measures import MEASURES
from schemas.measures.kinds import nearest_rank
from schemas.periods import Span, midnight
from schemas.reference import reference
from sinks.archive.compaction import compacting
from sinks.archive.reader import chains, entries
from streams.clock import now_ms
from streams.core.figures import Ratio
from streams.home import Home
from streams.recounting.evidence import evidence
from streams.tracing.behind import Contact, Sum
from streams.tracing.figure import sought
from streams.tracing.finding import hint
from streams.tracing.paper import complete
from streams.tracing.passing import bearing, passing
from tests.e2e.folder import Folder, call, clock, fact

Paper = dict[str, Any]
RATE = "answer.rate/2026-01/department=ircc"
COUNTED = ("answer.rate", "wait.mean", "wait.p90", "repeat.rate", "email.open")
FIFTEEN = (RATE, "--n", "15", "--seed", "s")
ALL = (RATE, "--n", "1000", "--seed", "s")
WHOLE = ("--from", "2026-01-01", "--to", "2026-02-01", "--by", "department")


def _calls(since: int, until: int) -> list[bytes]:
    return [
        value
        for n in range(since, until)
        for value in call(
            f"2026-01-{5 + n % 20:02d}T{14 + n % 6}:{n % 60:02d}",
            f"call-{n}",
            None if n % 7 == 0 else n % 12,
            caller=f"token-{n % 11}",
            language="fr" if n % 3 == 0 else "en",
        )
    ]


def _with_another_time(value: bytes) -> bytes:
    """The same event weeks later, with bytes that are not those that are kept."""
    times = (f'"2026-02-10T20:{minute}:00.000Z"'.encode() for minute in range(10, 60))
    values = (value.replace(b'"2026-01-09T20:00:00.000Z"', time) for time in times)
    return next(v for v in values if sha256(v).digest() > sha256(value).digest())


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sample") / "data"


@pytest.fixture
def folder(data: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Folder:
    """A hundred calls and some messages; some facts came twice, one of them differently."""
    found = Folder(data, capfdbinary)
    if not data.exists():
        first = _calls(0, 60)
        found.tell(first, first[:9])
        found.raw("measures", *WHOLE)
        mails = [
            fact(f"2026-01-{5 + n:02d}T15:00", "email.received", f"mail-{n}", department="ircc")
            for n in range(9)
        ]
        other = fact("2026-01-09T20:00", "queue.left", "call-1", how="abandoned")
        halifax = call("2026-01-05T15:00", "vac-1", department="vac")
        found.tell(first[:3], _calls(60, 100), mails, other, halifax)
        found.raw("measures", *WHOLE)
        found.tell(_with_another_time(other), clock("2026-02-20T05:00"))
        found.raw("measures", *WHOLE)
    return found


def paper(folder: Folder, *words: str) -> Paper:
    found: Paper = msgspec.json.decode(_drawn(folder, *words))
    return found


def _drawn(folder: Folder, *words: str) -> bytes:
    return folder.raw("sample", *words, "--format", "json")


@pytest.fixture(scope="module")
def papers() -> dict[tuple[str, ...], Paper]:
    """Those that several tests look at, each drawn once."""
    return {}


@pytest.fixture
def fifteen(folder: Folder, papers: dict[tuple[str, ...], Paper]) -> Paper:
    return papers.get(FIFTEEN) or papers.setdefault(FIFTEEN, paper(folder, *FIFTEEN))


@pytest.fixture
def everything(folder: Folder, papers: dict[tuple[str, ...], Paper]) -> Paper:
    return papers.get(ALL) or papers.setdefault(ALL, paper(folder, *ALL))


def test_the_same_seed_gives_the_same_paper_and_another_another(
    folder: Folder, fifteen: Paper
) -> None:
    one = _drawn(folder, *FIFTEEN)
    assert one == _drawn(folder, *FIFTEEN)
    assert msgspec.json.decode(one) == fifteen
    other = paper(folder, RATE, "--n", "15", "--seed", "t")
    assert other["strata"] == fifteen["strata"]
    assert other["sample"] != fifteen["sample"]


def test_another_can_draw_it_with_a_digest_alone(folder: Folder) -> None:
    found = paper(folder, RATE, "--n", "20", "--seed", "s", "--by", "language,place")
    assert found["by"] == ["numerator", "outcome", "language"]
    assert sum(layer["drawn"] for layer in found["strata"]) == len(found["sample"]) == 20
    listed = [*csv.DictReader(io.StringIO(folder.run("trace", RATE, "--format", "csv").out))]
    assert len(listed) == found["contacts"]
    for layer in found["strata"]:
        here = [
            row["contact"]
            for row in listed
            if [row["in_numerator"], row["outcome"], row["language"]] == layer["values"]
        ]
        assert len(here) == layer["contacts"]
        here.sort(key=lambda contact: sha256(f"s:{contact}".encode()).hexdigest())
        drawn = [d["contact"] for d in found["sample"] if d["stratum"] == layer["values"]]
        assert drawn == here[: layer["drawn"]]


@pytest.mark.parametrize("measure", COUNTED)
def test_contributions_add_up_to_the_figure(folder: Folder, measure: str) -> None:
    live = next(
        row
        for row in folder.rows("measures", *WHOLE, "--measure", measure)
        if row["measure"] == measure and row["dimensions"] == {"department": "ircc"}
    )
    found = paper(folder, f"{measure}/2026-01/department=ircc", "--n", "1000", "--seed", "s")
    assert [found["figure"][name] for name in ("numerator", "denominator", "value")] == [
        live[name] for name in ("numerator", "denominator", "value")
    ]
    assert live["value"] is not None
    assert len(found["sample"]) == found["contacts"] > 0  # fewer than asked for: all of them
    numerators = [drawn["numerator"] for drawn in found["sample"]]
    if MEASURES[measure].kind == "percentile":
        values = {value: numerators.count(value) for value in numerators}
        assert nearest_rank(values, MEASURES[measure].rank) == live["numerator"]
    else:
        assert sum(numerators) == live["numerator"]
    assert sum(drawn["denominator"] or 0 for drawn in found["sample"]) == (live["denominator"] or 0)


def test_the_walk_from_the_figure_to_raw_bytes(folder: Folder, fifteen: Paper) -> None:
    _walk(folder, fifteen)


def _walk(folder: Folder, found: Paper) -> None:
    """Every event of a paper is where it says, by tools that know nothing of ours."""
    archive = folder.path / "archive"
    tails = {(end["log_id"], end["partition"]): end for end in found["archive"]}
    for drawn in found["sample"]:
        for event in drawn["events"]:
            chain = f"log={event['log_id']}/topic=contact.events.v1/partition={event['partition']}"
            commit = archive / "log" / chain / f"{event['commit']:012d}.json"
            entry = msgspec.json.decode(commit.read_bytes())
            assert entry["start"] <= event["offset"] < entry["next"]
            file = archive / event["file"]
            assert sha256(file.read_bytes()).hexdigest() == event["file_sha256"]
            rows = duckdb.execute(
                'select value, subject, type, time_ms from read_parquet(?) where "offset" = ?',
                [str(file), event["offset"]],
            ).fetchall()
            ((value, subject, kind, _),) = rows
            assert sha256(value).hexdigest() == event["sha256"]
            assert (subject, kind) == (drawn["contact"], event["type"])
            assert msgspec.json.decode(value)["time"] == event["time"]
            tail = tails[event["log_id"], event["partition"]]
            newest = archive / "log" / chain / f"{tail['commit']:012d}.json"
            assert sha256(newest.read_bytes()).hexdigest() == tail["sha256"]
            assert event["offset"] < tail["next"]


def test_all_events_of_a_contact_are_there_as_often_as_they_were_delivered(
    folder: Folder, everything: Paper
) -> None:
    by_contact = {drawn["contact"]: drawn["events"] for drawn in everything["sample"]}
    files = str(folder.path / "archive" / "data" / "**" / "*.parquet")
    rows = duckdb.execute(
        "select subject, count(*) from read_parquet(?) group by 1", [files]
    ).fetchall()
    counts = dict(rows)
    assert {name: len(events) for name, events in by_contact.items()} == {
        name: counts[name] for name in by_contact
    }
    readings = [event["reading"] for event in by_contact["call-0"]]
    assert readings.count("again") == len(readings) - readings.count("counted") > 0
    assert [event["reading"] for event in by_contact["call-1"]].count("set aside") == 1
    home = Home(folder.path)
    assert hint(home, "call-1") is None  # what was set aside may have happened at any time
    assert hint(home, "call-2") is not None


def test_what_happened_later_is_not_read(folder: Folder) -> None:
    as_of = "2026-01-15T00:00:00.000Z"
    found = paper(folder, RATE, "--n", "1000", "--seed", "s", "--as-of", "2026-01-15T00:00:00Z")
    assert found["figure"]["as_of"] == as_of
    assert 0 < found["contacts"] < 100
    assert all(event["time"] <= as_of for d in found["sample"] for event in d["events"])


def test_a_paper_is_read_on_120_columns_in_both_languages(folder: Folder) -> None:
    said = folder.run("sample", RATE, "--n", "5", "--seed", "it's")
    assert max(map(len, said.out.splitlines())) <= 120
    assert "sha256sum" in said.out
    assert "token-" not in said.out
    assert "printf '%s' 'it'\\''s:call-" in said.out
    assert "85 / 100 = 85.00%" in said.out
    french = folder.run("sample", RATE, "--n", "5", "--seed", "s", "--lang", "fr")
    assert max(map(len, french.out.splitlines())) <= 120
    assert "85 / 100 = 85,00 %" in french.out
    assert "Strates" in french.out
    assert "Échantillon : 5 sur 100 contacts" in french.out


def test_how_events_were_read_is_said_in_the_papers_language(folder: Folder) -> None:
    said = folder.run("sample", *ALL).out
    assert ("  (again)" in said, "  (set aside)" in said) == (True, True)
    french = folder.run("sample", *ALL, "--lang", "fr", "--with-callers").out
    assert ("  (répété)" in french, "  (écarté)" in french) == (True, True)
    assert "`répété` : déjà livré" in french
    assert "appelant token-" in french
    assert not any(word in french for word in ("again", "set aside", "caller"))


def test_contacts_of_other_periods_are_not_folded(folder: Folder) -> None:
    """Save for measures that rest on other contacts, and for the time of agents."""
    days = [midnight("America/Toronto", 2026, 1, day) for day in (6, 7)]
    span = Span(days[0], days[1], "America/Toronto")
    with evidence(Home(folder.path)) as found:
        of = bearing(MEASURES["answer.rate"], span)
        names = {getattr(one, "contact_id", "") for _, one in passing(found, 2**41, of=of)}
    assert names == {"mail-1", "call-1", *(f"call-{n}" for n in range(100) if n % 20 == 1)}
    for measure in ("repeat.rate", "agent.time", "fidelity.callbacks"):
        assert bearing(MEASURES[measure], span) is None


def test_callers_are_told_only_where_that_is_asked_for(folder: Folder, fifteen: Paper) -> None:
    assert not any("caller" in drawn for drawn in fifteen["sample"])
    said = folder.run("sample", *FIFTEEN, "--with-callers")
    assert said.out.count("caller token-") == 15


def test_a_table_for_the_auditors_findings(folder: Folder) -> None:
    said = folder.run("sample", RATE, "--n", "3", "--seed", "s", "--format", "csv")
    assert "token-" not in said.out
    rows = [*csv.DictReader(io.StringIO(said.out))]
    assert len({row["contact"] for row in rows}) == 3
    assert all(row["agrees"] == row["remarks"] == "" for row in rows)
    assert all(len(row["sha256"]) == len(row["file_sha256"]) == 64 for row in rows)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("answer.rat/2026-01",), "'answer.rat': no such measure"),
        (("answer.rate/2026-13",), "month must be in 1..12"),
        (("answer.rate/2026-01/region=on",), "'region=on': not DIMENSION=VALUE"),
        (("answer.rate@7/2026-01/department=ircc",), "answer.rate has no version 7"),
        (("answer.rate/2025-01/department=ircc",), "unknown, and not zero"),
        (("answer.rate/2026-01",), "name one by department="),
        (("funnel.unexplained/2026-01/department=ircc",), "a remainder has no contacts"),
        ((RATE, "--by", "weather"), "--by weather: not one of place, department"),
        ((RATE, "--n", "1"), "1 contacts cannot be one of each of 2 strata"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(
    folder: Folder, words: tuple[str, ...], why: str
) -> None:
    said = folder.run("sample", *words, "--seed", "s")
    assert (said.status, said.out) == (1, "")
    (line,) = said.err.splitlines()
    assert why in line


def test_after_compaction_the_commits_stay_and_the_files_are_others(
    folder: Folder, fifteen: Paper
) -> None:
    commits = _commits(folder)
    root = folder.path / "archive"
    for chain in chains(root):
        with compacting(root, chain, now_ms()) as compactor:
            compactor.compact(entries(root, chain.log_id, chain.topic, chain.partition), None)
    after = paper(folder, *FIFTEEN)
    _walk(folder, after)
    assert _places(fifteen, "file") != _places(after, "file")
    names = ("partition", "offset", "commit", "sha256")
    assert _places(fifteen, *names) == _places(after, *names)
    assert commits == _commits(folder)


def _commits(folder: Folder) -> list[tuple[int, int, int]]:
    """Partition, commit, and how many events of a figure it holds."""
    found = msgspec.json.decode(folder.raw("trace", RATE, "--format", "json"))
    return [(row["partition"], row["commit"], row["rows"]) for row in found["commits"]]


def _places(found: Paper, *names: str) -> list[list[Any]]:
    return [[event[name] for name in names] for d in found["sample"] for event in d["events"]]


def test_sealed_events_are_found_by_their_hashes_with_the_key_and_without(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    folder = Folder(tmp_path / "data", capfdbinary)
    folder.path.mkdir()
    (folder.path / "privacy.toml").write_text("seal = true\n")
    told = _calls(0, 12)
    folder.tell(told, clock("2026-02-20T05:00"))
    folder.raw("measures", *WHOLE)
    words = (RATE, "--n", "4", "--seed", "s")
    with_key = paper(folder, *words)
    hashes = {event["sha256"] for d in with_key["sample"] for event in d["events"]}
    assert hashes <= {sha256(value).hexdigest() for value in told}
    home = Home(folder.path)
    (period,) = home.keyring.periods()
    with home.lock():
        home.dispose(period.name, "for the test", now_ms() + 10_000 * DAY)
    assert _places(paper(folder, *words), "sha256") == _places(with_key, "sha256")


def test_nothing_is_said_before_anything_is_archived(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    folder = Folder(tmp_path / "data", capfdbinary)
    assert "there is nothing in" in folder.run("sample", RATE, "--seed", "s").err
    with closing(Home(folder.path).log()):
        pass
    said = folder.run("sample", RATE, "--seed", "s")
    assert (said.status, "nothing is archived in" in said.err) == (1, True)


def _contact(numerator: int, denominator: int | None) -> Contact:
    return Contact(
        id="c",
        partition=0,
        numerator=numerator,
        denominator=denominator,
        outcome="answered",
        dims=(),
        span=None,
        revision=1,
        caller=None,
    )


@pytest.mark.parametrize(
    ("measure", "parts", "figure"),
    [
        ("answer.rate", [(1, 1), (0, 1)], Ratio(1, 2)),
        ("funnel.arrived", [(1, None)], Ratio(1, None)),
        ("wait.p90", [(3, 1), (4, 1)], Ratio(4, 2)),
    ],
)
def test_contacts_that_do_not_add_up_to_the_figure_stop_everything(
    tmp_path: Path, measure: str, parts: list[tuple[int, int | None]], figure: Ratio
) -> None:
    total = Sum()
    for part in parts:
        total.add(_contact(*part))
    found = sought(tmp_path, reference(f"{measure}/2026-01/department=ircc"), 0)
    total.check(found, figure)
    wrong = [figure._replace(numerator=(figure.numerator or 0) + 1)]
    wrong += [figure._replace(denominator=figure.denominator + 1)] if figure.denominator else []
    for other in wrong:
        with pytest.raises(Stop, match="one of the two computations is wrong"):
            total.check(found, other)


def test_an_event_that_is_not_found_again_stops_everything() -> None:
    with pytest.raises(Stop, match="c: 1 events were read, but 0 are found again"):
        complete(_contact(1, 1), [])
