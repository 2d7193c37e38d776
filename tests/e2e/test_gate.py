"""`vouch gate`: what agrees passes, a planted fault blocks and names contacts, reports are kept."""

from __future__ import annotations

import os
import sqlite3
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from schemas.board import Gated
from schemas.definitions import DEFINITIONS
from schemas.topics import DEAD_LETTERS, partition_of
from sinks.recount import recount
from sinks.sql import SqlFigure
from streams.commands import gate
from streams.commands.intake import catch_up
from streams.core.gating import ENGINES, Compared
from streams.core.registers import Registers, add
from streams.gate.contributions import Disputed, contributions
from streams.gate.files import GATE, INCIDENTS, Gates, kept
from streams.gate.incident import incident
from streams.gate.letters import numbered
from streams.gate.moment import Grouping, Moment, moment
from streams.gate.narrowing import each_behind
from streams.gate.report import Asked
from streams.gate.run import requests_of
from streams.gateway.intake import Bad
from streams.home import Home
from streams.recounting.evidence import Evidence, evidence
from streams.recounting.recompute import ask_of
from streams.runtimes.asking import Request, one_moment
from streams.runtimes.contacts import contact
from streams.runtimes.store import Change, Delta, StateStore
from tests.e2e.folder import Folder, Said, call, clock, declared, fact

DAY = "2026-01-05"
WHOLE_DAY = ("2026-01-05T05:00", "2026-01-06T05:00")
#: As the packaged version, but that a call answered at once is forgotten.
WRONG = """
[[version]]
measure = "funnel.answered"
number = 1
effective_from = 1999-01-01

[[version]]
measure = "funnel.answered"
number = 2
effective_from = 2026-01-01
numerator = "answered"
sql = '''
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'answered' AND wait_ms > 60000) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
'''
changed = { en = "None.", fr = "Rien." }
reason = { en = "A test.", fr = "Un essai." }
"""


class Gate(Folder):
    """A folder with a gate."""

    def gate(self, *words: str, period: str = DAY) -> Said:
        """`vouch gate`, as a user sees it."""
        parser = ArgumentParser()
        parser.add_argument("--data", type=Path)
        gate.arguments(parser)
        self.capture.readouterr()
        words = (period, "--workers", "1", *words, "--data", str(self.path))
        status = gate.run(parser.parse_args(words))
        out, err = (text.decode() for text in self.capture.readouterr())
        return Said(status, out, err)

    def count(self) -> None:
        """Bring the live state to the end of the log."""
        catch_up(Home(self.path))

    def reports(self, period: str = DAY) -> list[Any]:
        return [msgspec.json.decode(path.read_bytes()) for path in self.kept(GATE, period)]

    def incident(self) -> Any:
        (path,) = self.kept(INCIDENTS)
        return msgspec.json.decode(path.read_bytes())

    def kept(self, *names: str) -> list[Path]:
        return sorted(self.path.joinpath(*names).iterdir(), key=os.path.getmtime)


@pytest.fixture
def folder(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Gate:
    """Two departments' day, declared in full and long over; one of the callers calls again."""
    found = Gate(tmp_path / "data", capfdbinary)
    found.tell(
        call("2026-01-05T14:00", "one", 1, caller="somebody"),
        call("2026-01-05T15:00", "two", 9),
        call("2026-01-05T16:00", "again", 3, caller="somebody", language="fr"),
        call("2026-01-05T15:00", "other", department="esdc"),
        declared("2026-01-06T06:00", "arrived", 3, *WHOLE_DAY),
        declared("2026-01-06T06:00", "arrived", 1, *WHOLE_DAY, department="esdc"),
        clock("2026-01-17T05:00"),
    )
    return found


def test_a_folder_that_agrees_passes_and_is_reported_once(folder: Gate) -> None:
    said = folder.gate()
    assert said.status == 0, said
    assert "Live, Beam and SQL agree to the unit." in said.out
    assert "recount by SQL" in said.err
    (report,) = folder.reports()
    assert (report["verdict"], report["mismatched"], report["incident"]) == ("agrees", 0, None)
    assert report["agreed"] == len(report["figures"]) > 200
    assert report["as_of"] == "2026-01-17T05:00:00.000Z"
    assert [path.name for path in folder.kept(GATE, DAY)] == ["2026-01-17T05-00-00.000Z.json"]
    assert not (folder.path / INCIDENTS).exists()
    assert sum(report["positions"]) == sum(tail["seq"] >= 0 for tail in report["tails"]) + 13
    assert {len(tail["sha256"]) for tail in report["tails"]} == {64}
    assert report["groupings"] == [["department"], ["department", "program", "channel", "language"]]
    assert {*report["tables"]} == {"calendars", "hours", "standards", "rules"}
    assert len(report["definitions"]["answer.rate@1"]) == 64
    (arrived,) = (f for f in report["figures"] if f["figure"] == ARRIVED)
    assert arrived["readings"] == {"live": [3, None], "recount": [3, None], "sql": [3, None]}
    assert (arrived["status"], arrived["why"], arrived["agrees"]) == ("final", "", True)

    again = folder.gate("--format", "json")
    assert (again.status, msgspec.json.decode(again.out)) == (0, report)
    assert len(folder.kept(GATE, DAY)) == 1
    week = ("--measure", "funnel.arrived", "--by", "day,queue")
    assert folder.gate(*week, period="2026-W02").status == 0
    (other,) = folder.reports("2026-W02")
    assert (other["whole"], other["groupings"][2:]) == (False, [["queue"]])
    assert {f["figure"] for f in other["figures"] if "queue" in f["dimensions"]} == {
        "funnel.arrived@1/2026-01-05/queue=q"
    }
    assert Gates(folder.path).now() == [Gated(period=DAY, agreed=report["agreed"], mismatched=0)]


ARRIVED = f"funnel.arrived@1/{DAY}/department=ircc"


def test_nothing_is_final_yet_or_there_is_nothing(folder: Gate) -> None:
    young = folder.gate("--measure", "funnel.arrived", period="2026-01-17")
    assert young.status == gate.NOT_YET
    assert "All agree, but nothing may be published yet: there is no figure." in young.out
    folder.tell(call("2026-01-17T15:00", "new"), clock("2026-01-18T12:00"))
    young = folder.gate("--measure", "funnel.arrived", period="2026-01-17")
    assert young.status == gate.NOT_YET
    assert "nothing may be published yet: no figure is final." in young.out
    assert "2 are not: until 2026-01-28T00:00:00-05:00, ten days after the close" in young.out


def test_what_is_missing_keeps_it_back_and_a_dead_letter_explains_it(folder: Gate) -> None:
    days = {
        "0": "01-02",
        "3": "01-04",
        "10": "01-05",
        "0011": "01-05",
        "14": "01-05",
        "19": "01-07",
    }
    for number, day in days.items():
        at = f"2026-{day}T18:00"
        one = fact(at, "queue.entered", f"two{day}", source="acd/9", sequence=number)
        folder.tell(one.replace(b"queue.entered@", f"{number}@".encode()))
    asked = ("--measure", "funnel.arrived")
    said = folder.gate(*asked)
    assert said.status == gate.NOT_YET
    gap = "acd/9: 14 missing beside 6 that came"
    spans = "(4 to 9, 12 to 13, 15 to 18)"
    assert f"{gap}: other periods 2, not explained 12 {spans}\n" in said.out
    assert "nothing may be published yet: the evidence is not complete." in said.out
    _refuse(folder, b'{"source": "acd/9", "sequence": "0012", "type": 7')
    for n in (4, 5, 6, 7, 8, 9, 15, 16, 17, 18):
        _refuse(folder, b'{"source": "acd/9", "sequence": "%d"}' % n)
    said = folder.gate(*asked)
    assert f"{gap}: dead letters 11, other periods 2, not explained 1 (13)\n" in said.out
    _refuse(folder, b'{"source": "acd/9", "sequence": "0013"}')
    said = folder.gate(*asked)
    assert f"{gap}: dead letters 12, other periods 2, not explained 0\n" in said.out
    assert said.status == 0

    folder.tell(declared("2026-01-06T06:00", "answered", 9, *WHOLE_DAY))
    said = folder.gate(*asked)
    assert "switch: 2 declared totals equal ours, 1 do not" in said.out
    assert said.status == gate.NOT_YET
    assert [report["completeness"]["complete"] for report in folder.reports()] == [
        *(False, False),
        *(True, False),
    ]


def test_a_number_that_is_used_again_does_not_hide_those_that_are_missing(folder: Gate) -> None:
    def numbered(name: str, number: str, source: str = "acd/9") -> bytes:
        at = "2026-01-05T18:00"
        one = fact(at, "queue.entered", "two", source=source, sequence=number)
        return one.replace(b"queue.entered@", f"{name}@".encode())

    asked = ("--measure", "funnel.arrived")
    folder.tell(numbered("a", "1"), numbered("b", "2"), numbered("c", "9"))
    folder.tell(numbered("d", "", "menu"), numbered("e", "x/1", "menu"))
    said = folder.gate(*asked)
    assert "acd/9: 6 missing beside 3 that came: not explained 6 (3 to 8)\n" in said.out
    assert "menu: cannot be checked, its events carry no number\n" in said.out
    folder.tell(numbered("f", "09"))
    said = folder.gate(*asked)
    why = "1 of its 3 numbers stand for several events, such as 9"
    assert f"acd/9: cannot be checked, {why}\n" in said.out
    assert "nothing may be published yet: the evidence is not complete." in said.out
    assert said.status == gate.NOT_YET
    before, after = (report["completeness"] for report in folder.reports())
    assert (before["complete"], after["complete"]) == (False, False)
    told = {source["source"]: source for source in after["sources"]}
    for name, shared in (("acd/9", [9]), ("menu", [])):
        assert told[name]["first_shared"] == shared
        assert not told[name]["counts"]
        assert [told[name][of] for of in ("missing", "explained", "elsewhere")] == [None] * 3


def _refuse(folder: Gate, value: bytes) -> None:
    with closing(Home(folder.path).log()) as log:
        log.append(DEAD_LETTERS, [Bad(0, "type", "is wrong", value).letter(0, "acd")], 0)


def test_a_wrong_sum_is_blocked_and_the_contacts_behind_it_are_named(folder: Gate) -> None:
    assert folder.gate("--measure", "funnel.arrived").status == 0
    with closing(sqlite3.connect(_state_of(folder, "two"))) as sql, sql:
        kind, quarter, dims, packed = sql.execute(
            "SELECT * FROM registers WHERE kind = 'contacts.cohort' AND dims LIKE '%ircc%'"
        ).fetchone()
        delta = msgspec.msgpack.decode(packed, type=Delta)
        delta.sums["arrived"] += 1
        sql.execute(
            "UPDATE registers SET packed = ? WHERE kind = ? AND quarter = ? AND dims = ?",
            (msgspec.msgpack.encode(delta), kind, quarter, dims),
        )
    said = folder.gate("--measure", "funnel.arrived")
    assert said.status == 1
    assert f"{ARRIVED}: live 4, recount 3, sql 3" in said.out
    assert "Blocked: live, Beam and SQL do not agree." in said.out
    found = folder.incident()
    assert (found["mismatched"], found["more"], found["contacts"]) == (2, 0, [])
    fine, coarse = found["figures"]
    assert coarse["figure"] == ARRIVED
    assert coarse["wrong_sums"] == fine["wrong_sums"] == ["live"]
    assert coarse["sums"] == {"live": [3, None], "recount": [3, None], "sql": [3, None]}
    assert [c["contact"] for c in coarse["contacts"]] == ["again", "one", "two"]
    assert [c["contact"] for c in fine["contacts"]] == ["one", "two"]
    # What agreed before stays as it was written; the newest word is that it does not.
    assert [report["verdict"] for report in folder.reports()] == ["agrees", "blocked"]
    assert folder.reports()[1]["incident"] == f"{INCIDENTS}/{folder.kept(INCIDENTS)[0].name}"
    assert Gates(folder.path).now() == [Gated(period=DAY, agreed=3, mismatched=2)]


def test_a_lost_contact_is_named(folder: Gate) -> None:
    folder.count()
    _lose(folder, "again")
    said = folder.gate("--measure", "funnel.arrived,repeat.served,wait.p90")
    assert said.status == 1
    assert "Contacts that differ: again\n" in said.out
    found = folder.incident()
    assert found["contacts"] == ["again"]
    figures = {figure["figure"]: figure for figure in found["figures"]}
    (lost,) = figures[ARRIVED]["contacts"]
    assert lost["readings"] == {"live": None, "recount": [1, None], "sql": [1, None]}
    assert lost["known"] == ["recount", "sql"]
    assert figures[ARRIVED]["wrong_sums"] == []
    assert f"repeat.served@1/{DAY}/department=ircc" in figures
    french = f"{DAY}/department=ircc,program=,channel=phone,language=fr"
    assert figures[f"funnel.arrived@1/{french}"]["readings"]["live"] is None


def test_a_record_that_says_something_else_is_shown_field_by_field(folder: Gate) -> None:
    folder.count()
    with closing(sqlite3.connect(_state_of(folder, "again"))) as sql, sql:
        changed = sql.execute(
            "UPDATE records SET json = replace(CAST(json AS TEXT), 'somebody', 'nobody')"
            " WHERE contact_id = 'again'"
        )
        assert changed.rowcount == 1
    assert folder.gate("--measure", "repeat.*").status == 1
    found = folder.incident()
    assert found["contacts"] == ["again", "one"]  # who comes again is counted of the first call
    assert {c["contact"] for figure in found["figures"] for c in figure["contacts"]} == {"one"}
    (shown,) = found["unlike"]
    assert (shown["contact"], shown["fields"]) == (
        "again",
        {"caller": {"live": "nobody", "recount": "somebody", "sql": "somebody"}},
    )


def test_a_wrong_sql_is_blocked_and_names_whom_it_forgets(folder: Gate) -> None:
    (folder.path / "definitions.toml").write_text(WRONG)
    said = folder.gate("--measure", "funnel.answered")
    assert said.status == 1
    name = f"funnel.answered@2/{DAY}/department=ircc"
    assert f"{name}: live 3, recount 3, sql 2" in said.out
    found = folder.incident()
    assert found["contacts"] == ["one"]
    (contact_, *_) = found["figures"][0]["contacts"]
    assert contact_["readings"] == {"live": [1, None], "recount": [1, None], "sql": None}
    assert (contact_["known"], contact_["fields"]) == (["live", "recount", "sql"], {})


@pytest.mark.parametrize("most", [1, 2, 3])
def test_a_figure_with_too_many_contacts_lists_none(folder: Gate, most: int) -> None:
    with _moment(folder, "funnel.arrived", "wait.p90") as (found, stores, files):
        asked = Asked(
            period=DAY,
            start=date(2026, 1, 5),
            end=date(2026, 1, 6),
            whole=False,
            recount="",
            definitions=DEFINITIONS,
        )
        opened = incident(asked, found, _disputed(found), stores, files, most)
        every = [Disputed(g, row) for g, rows in _disputed(found) for row in rows]
        told = contributions(every, stores, files, found.as_of, most)
    lists = {engine: {len(own) for own in by_key.values()} for engine, by_key in told.items()}
    assert {engine: max(found) for engine, found in lists.items()} == dict.fromkeys(
        ENGINES, min(most + 1, 3)
    )
    assert opened is not None
    figures = {figure.figure: figure for figure in opened.figures}
    arrived, other = figures[ARRIVED], figures[ARRIVED.replace("ircc", "esdc")]
    assert (other.behind, other.differ) == (1, 0)
    assert [contact.contact for contact in other.contacts] == ["other"]
    if most == 3:
        assert (arrived.behind, arrived.differ) == (3, 0)
        return
    assert (arrived.behind, arrived.differ, arrived.contacts) == (None, None, [])
    assert (arrived.sums, arrived.wrong_sums, arrived.partitions) == ({}, [], {})
    words = f"more than {most} contacts are behind it, too many to compare: ask for fewer days"
    assert arrived.words == words


def test_the_sql_is_asked_for_the_contacts_behind_some_figures_and_for_no_others(
    folder: Gate,
) -> None:
    with _moment(folder, "funnel.arrived", "wait.p90") as (found, _, files):
        grouping, rows = _disputed(found)[0]
        asks = [ask_of(grouping.asked, each=True)]
        for row in rows:
            asks += [
                each_behind(grouping.asked, [(row.measure, row.group)], most) for most in (9, 1)
            ]
        every, *told = map(set, map(_told, recount(files.files, found.as_of, asks)))
    many = []
    for row, ask, whole, cut in zip(rows, asks[1::2], told[::2], told[1::2], strict=True):
        span = row.group.span
        assert (ask.measures, ask.periods) == (
            (row.measure.id,),
            ((span.start_ms, span.end_ms, span.zone),),
        )
        place = (row.measure.id, span.start_ms, span.zone, *row.group.dims)
        assert whole == {one for one in every if one[:-1] == place}
        assert cut <= whole
        assert len(cut) == min(len(whole), 2)
        many.append(len(whole))
    assert sorted(many) == [1, 1, 3, 3]


def _told(rows: Iterable[SqlFigure]) -> list[tuple[object, ...]]:
    """Measure, period, zone, dimensions and contact of each row."""
    return [(row.measure, row.period_start_ms, row.zone, *row.dims) for row in rows]


@contextmanager
def _moment(
    folder: Gate, *measures: str
) -> Iterator[tuple[Moment, Sequence[StateStore], Evidence]]:
    folder.count()
    home = Home(folder.path)
    request = Request(date(2026, 1, 5), date(2026, 1, 6), measures=measures)
    with home.stores() as stores, one_moment(stores):
        found = moment(home, stores, requests_of(request))
        assert found is not None
        with evidence(home, found.positions) as files:
            yield found, stores, files


def _disputed(found: Moment) -> list[tuple[Grouping, list[Compared]]]:
    """Every figure, as if the SQL said something else of it."""
    return [
        (
            grouping,
            [
                Compared(measure, group, (said[measure.id], said[measure.id], None))
                for group, said in grouping.live.items()
                for measure in grouping.question.measures
            ],
        )
        for grouping in found.groupings
    ]


def _state_of(folder: Gate, name: str) -> Path:
    """The state file of a contact."""
    files = sorted((folder.path / "state").glob("*/partition-*.sqlite"))
    return files[partition_of(name, len(files))]


def _lose(folder: Gate, name: str) -> None:
    """The live state forgets a contact, as if it had never come."""
    home = Home(folder.path)
    with closing(home.log()) as log:
        number = partition_of(name, log.partitions)
        with home.stores() as stores:
            position, now = stores[number].progress()
            lost = contact(stores, name, now or 0)
        assert lost is not None
        registers: Registers = {}
        add(lost, -1, registers)
        deltas = {
            (kind, quarter, msgspec.json.encode(dims).decode()): Delta(row.sums, row.spreads)
            for (kind, quarter, dims), row in registers.items()
        }
        with closing(home.store(log, number)) as store:
            store.save(Change(position=position, now=now, forgotten=[name], deltas=deltas))
    with closing(sqlite3.connect(_state_of(folder, name))) as sql, sql:
        assert sql.execute("DELETE FROM records WHERE contact_id = ?", (name,)).rowcount == 1


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (b'{"source": "a/1", "sequence": "0007"}', ("a/1", 7)),
        (b'{"sequence": 7, "source": "a/1", "data": {"source": "b", "sequence": "8"}}', ("a/1", 7)),
        (b'{"sequence": "7", "source": "a\\u002f1", "data": {"id": "cut off', ("a/1", 7)),
        (b'{"sequence": "7", "source": "a", "data": {"source": "b', ("a", 7)),
        (b'{"sequence": "7", "source": "a", "data": {"source": "b", "id": "cut', (None, None)),
        (b'{"sequence": "7", "source": "a"}, {"sequence": "8", "source": "a"}', (None, None)),
        (b'{"sequence": "x7", "source": "a"}', ("a", None)),
        (b'{"sequence": "7', (None, None)),
        (b"\xff\xfe", (None, None)),
        (b"", (None, None)),
    ],
)
def test_what_a_dead_letter_carries(head: bytes, told: tuple[str | None, int | None]) -> None:
    assert numbered(head) == told


def test_what_is_kept_is_never_rewritten(tmp_path: Path) -> None:
    stem = "2026-01-17T05-00-00.000Z"
    names = []
    for content in (b"one", b"one", b"two", b"one", b"one"):
        names.append(kept(tmp_path / "gate", stem, content).name)
    assert names == [f"{stem}.json", f"{stem}.json", f"{stem}-2.json", *[f"{stem}-3.json"] * 2]
    assert [path.read_bytes() for path in sorted((tmp_path / "gate").iterdir())] == [
        *(b"two", b"one"),
        b"one",
    ]


def _kept(data: Path, period: str, stem: str, **head: Any) -> None:
    kept(data / GATE / period, stem, msgspec.json.encode({"figures": [], **head}))


def test_the_newest_report_speaks_and_one_on_some_measures_only_of_trouble(tmp_path: Path) -> None:
    gates = Gates(tmp_path)
    assert gates.now() == []
    _kept(tmp_path, "2026-01", "2026-02-01T00-00-00.000Z", whole=True, agreed=9, mismatched=0)
    _kept(tmp_path, "2026-02", "2026-03-01T00-00-00.000Z", whole=False, agreed=1, mismatched=0)
    fine = Gated(period="2026-01", agreed=9, mismatched=0)
    assert gates.now() == [fine]
    later = "2026-02-02T00-00-00.000Z"
    _kept(tmp_path, "2026-01", later, whole=False, agreed=1, mismatched=0)
    assert gates.now() == [fine]
    _kept(tmp_path, "2026-01", later, whole=False, agreed=1, mismatched=1)
    assert gates.now() == [Gated(period="2026-01", agreed=1, mismatched=1)]
    for _ in range(8):  # so that the tenth follows the ninth, not the first
        _kept(tmp_path, "2026-01", later, whole=False, agreed=1, mismatched=0)
        _kept(tmp_path, "2026-01", later, whole=False, agreed=2, mismatched=0)
    assert gates.now() == [Gated(period="2026-01", agreed=1, mismatched=1)]
    _kept(tmp_path, "2026-01", later, whole=True, agreed=10, mismatched=0)
    assert (
        gates.now() == Gates(tmp_path).now() == [Gated(period="2026-01", agreed=10, mismatched=0)]
    )


@pytest.mark.parametrize("torn", [b"", b"{", b"\xff", b'{"whole": true, "agreed": 9}', b"[]"])
def test_a_report_that_nobody_can_read_blocks(tmp_path: Path, torn: bytes) -> None:
    gates, before = Gates(tmp_path), "2026-02-01T00-00-00.000Z"
    _kept(tmp_path, "2026-01", before, whole=True, agreed=8, mismatched=1)
    _kept(tmp_path, "2026-02", before, whole=True, agreed=9, mismatched=0)
    assert _open(gates) == {"2026-01"}
    for period in ("2026-01", "2026-02"):
        (tmp_path / GATE / period / "2026-02-03T00-00-00.000Z.json").write_bytes(torn)
    assert _open(gates) == _open(Gates(tmp_path)) == {"2026-01", "2026-02"}
    for period in ("2026-01", "2026-02"):
        _kept(tmp_path, period, "2026-02-04T00-00-00.000Z", whole=True, agreed=9, mismatched=0)
    assert _open(gates) == set()


def test_a_report_that_is_mended_is_read_again(tmp_path: Path) -> None:
    gates, stem = Gates(tmp_path), "2026-02-01T00-00-00.000Z"
    path = tmp_path / GATE / "2026-01" / f"{stem}.json"
    path.mkdir(parents=True)  # no file at all
    assert _open(gates) == {"2026-01"}
    path.rmdir()
    _kept(tmp_path, "2026-01", stem, whole=True, agreed=9, mismatched=0)
    assert _open(gates) == set()


def _open(gates: Gates) -> set[str]:
    return {gated.period for gated in gates.now() if gated.mismatched}


def test_a_period_that_cannot_be_meant(
    folder: Gate, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    with pytest.raises(SystemExit):
        folder.gate(period="2026-13")
    assert b"2026-13" in capfdbinary.readouterr().err
