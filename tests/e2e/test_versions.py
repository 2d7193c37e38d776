"""A definition that changes: both versions over the trial, by both engines, and said openly."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from streams.finals.basis import program
from streams.finals.ledger import FILE, Ledger
from streams.home import rule_files
from tests.e2e.folder import Folder, call, clock, declared, fact, later
from tests.schemas.changes import TOML

MONTHS = ("measures", "--from", "2026-01-01", "--to", "2026-04-01", "--by", "month,department")
RATE = ("--measure", "abandon.rate")
DAY = ("--from", "2026-01-05", "--to", "2026-01-06", "--by", "department")


@pytest.fixture
def folder(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Folder:
    """Each month one call is answered, one abandoned at once, and one after five minutes."""
    found = Folder(tmp_path / "data", capfdbinary)
    for month in ("01", "02", "03"):
        day = f"2026-{month}-05"
        found.tell(
            call(f"{day}T15:00", f"{month}/a"),
            _abandoned(f"{day}T15:10", f"{month}/b", 0),
            _abandoned(f"{day}T15:20", f"{month}/c", 5),
            declared(f"{day}T20:00", "arrived", 3, f"{day}T05:00", f"{day}T17:00"),
        )
    found.tell(clock("2026-06-01T12:00"))
    return found


def _abandoned(at: str, subject: str, after: int) -> list[bytes]:
    """A call that was given up after some minutes; 0 are five seconds."""
    left = fact(later(at, after), "contact.ended", subject, by="customer")
    return [*call(at, subject, None), left if after else left.replace(b":00.000Z", b":05.000Z")]


def _rates(folder: Folder, *words: str) -> list[tuple[str, int, str, bool, bool]]:
    return [
        (r["period"]["start"][:7], r["version"], r["value"], r["in_force"], r["breaks"])
        for r in folder.rows(*MONTHS, *RATE, *words)
        if r["dimensions"]["department"] == "ircc"
    ]


PLAIN = [(f"2026-0{month}", 1, "66.67", True, False) for month in (1, 2, 3)]


@pytest.mark.parametrize("engine", ["live", "sql"])
def test_both_versions_over_the_trial(folder: Folder, engine: str) -> None:
    assert _rates(folder, "--engine", engine) == PLAIN
    (folder.path / "definitions.toml").write_text(TOML)
    assert _rates(folder, "--engine", engine) == [
        ("2026-01", 1, "66.67", True, False),
        ("2026-02", 2, "50.00", True, True),
        ("2026-02", 1, "66.67", False, False),
        ("2026-03", 2, "50.00", True, False),
    ]
    asked = (*MONTHS, "--engine", engine, "--measure", "abandon.rate@1", "--format", "csv")
    assert folder.raw(*asked).count(b"abandon.rate,1,") == 3


def test_the_engines_agree_to_the_unit(folder: Folder) -> None:
    (folder.path / "definitions.toml").write_text(TOML)
    assert folder.raw(*MONTHS, "--engine", "sql") == folder.raw(*MONTHS)


def test_like_is_compared_with_like(folder: Folder) -> None:
    (folder.path / "definitions.toml").write_text(TOML)
    february = ("measures", "--from", "2026-02-01", "--to", "2026-03-01", "--by", "department")
    said = folder.run(*february, *RATE, "--compare", "previous").out
    assert "(not comparable: version 1 of the measure)  (version 2: breaks the series)" in said
    assert "(was 66.67, +0.00)  (version 1: not in force)" in said


def test_a_wrong_file_is_named(folder: Folder) -> None:
    (folder.path / "definitions.toml").write_text(TOML.replace("abandoned_short", "abandoned_shrt"))
    found = folder.run(*MONTHS)
    assert found.status == 1
    assert "definitions.toml: version 1: numerator: there is no term abandoned_shrt" in found.err


def test_the_history_is_shown(folder: Folder, tmp_path: Path) -> None:
    (folder.path / "definitions.toml").write_text(TOML)
    said = folder.run("definitions", "abandon.rate").out
    assert "abandon.rate, version 2, ratio, in %, from 2026-02-01" in said
    assert "  1: abandoned  /  asked\n" in said
    assert "Motif : Ce sont de mauvais numéros." in said
    (row,) = folder.rows("definitions", "abandon.rate")
    assert [(v["number"], v["breaks"], v["parallel_until"]) for v in row["versions"]] == [
        (1, False, None),
        (2, True, "2026-03-01"),
    ]
    assert row["sql"] == row["versions"][1]["sql"] != row["versions"][0]["sql"]
    folder.run("definitions", "--html", str(tmp_path / "site"))
    page = (tmp_path / "site" / "definitions.en.html").read_text()
    assert "Calls abandoned within 10 s are left out." in page


def _standing(folder: Folder) -> tuple[str, str]:
    (found,) = (
        (r["status"], r["why"])
        for r in folder.rows("measures", *DAY, *RATE)
        if r["dimensions"]["department"] == "ircc"
    )
    return found


def test_a_change_restates_openly(folder: Folder) -> None:
    finals = ("finals", *DAY, *RATE)
    assert "1 recorded" in folder.run(*finals).out
    assert _standing(folder) == ("final", "")
    folder.tell(call("2026-01-05T15:30", "late"))
    was = "recorded as 2 / 3; the change is not recorded yet"
    assert _standing(folder) == (
        "restated",
        f"{was}; changed since then: the facts (events added: 4)",
    )

    lines = _lines(folder)
    lines[0]["basis"]["calendars"] = "others"
    _write(folder, lines)
    told = "changed since then: the calendars, the facts (events added: 4)"
    assert _standing(folder) == ("restated", f"{was}; {told}")
    lines[0].pop("basis")
    _write(folder, lines)
    assert _standing(folder) == ("restated", f"{was}; what it rested on was not recorded")
    assert "1 recorded" in folder.run(*finals, "--reason", "a late switch").out
    assert _standing(folder) == ("restated", "a late switch")


def test_a_version_that_reaches_back_restates_what_was_final(folder: Folder) -> None:
    finals = ("finals", *DAY, *RATE)
    folder.run(*finals)
    back = TOML.replace("2026-02-01", "2026-01-01").replace("2026-03-01", "2026-01-02")
    (folder.path / "definitions.toml").write_text(back)
    said = "recorded as 2 / 3 by version 1; version 2 is in force"
    assert _standing(folder) == ("restated", said)
    silent = folder.run(*finals)
    assert (silent.status, len(_lines(folder))) == (1, 1)
    folder.run(*finals, "--reason", "a new definition")
    assert _standing(folder) == ("restated", "a new definition")
    assert [(r["kind"], r["figure"]["version"]) for r in _lines(folder)] == [
        ("final", 1),
        ("restated", 2),
    ]


def test_what_came_out_otherwise_is_listed_before_anything_is_recorded(folder: Folder) -> None:
    finals = ("finals", *DAY, *RATE)
    folder.run(*finals)
    folder.run("finals", *DAY[:4], "--by", "day", "--measure", "funnel.asked")
    none = "0 of 2 recorded come out otherwise (vouch why takes one apart)\n"
    assert folder.run("finals", "--moved").out == none
    folder.tell(call("2026-01-05T15:30", "late"))
    place = "2026-01-05T00:00 to 2026-01-06T00:00"
    because = "changed since then: the facts (events added: 4)"
    count = f"funnel.asked v1, {place}: was 3, is 4; {because}"
    rate = f"abandon.rate v1, {place} department ircc: was 2 / 3, is 2 / 4; {because}"
    assert folder.run("finals", "--moved").out.splitlines()[:-1] == [rate, count]
    inside, outside = (folder.run("finals", "--moved", *days) for days in (DAY[:4], MONTHS[1:5]))
    assert (inside.out, len(_lines(folder))) == (outside.out, 2)
    february = ("--from", "2026-02-01", "--to", "2026-03-01")
    assert folder.run("finals", "--moved", *february).out.startswith("0 of 0 recorded")
    lines = _lines(folder)
    for line, name in zip(lines, ("hours", "rules"), strict=True):
        line["basis"][name] = "others"
    _write(folder, lines)
    rows = folder.rows("finals", "--moved")
    assert [row["changes"] for row in rows] == [["hours", "events"], ["rules", "events"]]
    assert [(row["was"]["numerator"], row["now"]["denominator"]) for row in rows] == [
        (2, 4),
        (3, None),
    ]
    folder.run(*finals, "--reason", "a late switch")
    assert [row["was"]["measure"] for row in folder.rows("finals", "--moved")] == ["funnel.asked"]
    refused = folder.run("finals", "--moved", "--reason", "x")
    assert (refused.status, "--from and --to only" in refused.err) == (1, True)


def test_what_another_version_restates_is_listed(folder: Folder) -> None:
    folder.run("finals", *DAY, *RATE)
    back = TOML.replace("2026-02-01", "2026-01-01").replace("2026-03-01", "2026-01-02")
    (folder.path / "definitions.toml").write_text(back)
    (line, _) = folder.run("finals", "--moved").out.splitlines()
    assert line.endswith("was 2 / 3, is 1 / 2 by version 2; changed since then: the definition")


def test_periods_of_every_length_are_looked_at(folder: Folder) -> None:
    for grain in ("quarter_hour", "hour", "month"):
        month = ("--from", "2026-01-01", "--to", "2026-02-01", "--by", grain)
        folder.run("finals", *month, "--measure", "funnel.asked")
    folder.tell(call("2026-01-05T15:20", "late"))
    moved = folder.rows("finals", "--moved")
    assert [row["was"]["period"]["start"][8:16] for row in moved] == [
        "05T10:15",
        "05T10:00",
        "01T00:00",
    ]


def test_a_standard_says_which_version_it_is_and_from_when(folder: Folder) -> None:
    (folder.path / "standards.toml").write_text(STANDARD.format(version=1))
    said = folder.run("standards", "--from", "2026-01-01", "--to", "2026-02-01").out
    assert "(ircc.abandonment)\n" in said
    assert "version 1, 2025-04-01/..\n" in said


def test_a_changed_standard_restates_no_figure(folder: Folder) -> None:
    """It changes verdicts; the basis tells of it, and no change of integers is put down to it."""
    folder.run("finals", *DAY, *RATE)
    (before,) = Ledger(folder.path).records()
    (folder.path / "standards.toml").write_text(STANDARD.format(version=1))
    assert _standing(folder) == ("final", "")
    assert folder.rows("finals", "--moved") == []
    folder.tell(call("2026-01-05T15:30", "late"))
    (row,) = folder.rows("finals", "--moved")
    assert before.basis is not None
    assert row["basis"][0]["standards"] == before.basis.standards != row["basis"][1]["standards"]
    assert row["changes"] == ["events"]


def test_what_a_figure_rested_on_is_kept(folder: Folder) -> None:
    folder.run("finals", *DAY, *RATE)
    (line,) = _lines(folder)
    assert sum(line["basis"]["positions"]) == 3 * (4 + 3 + 3 + 1) + 1
    assert len(line["basis"]["definition"]) == len(line["basis"]["hours"]) == 64


def test_the_program_is_named_without_the_tables_that_have_digests() -> None:
    """So that of a changed calendar it is not said that the program changed."""
    left = {path.name for path in rule_files() if path.name.endswith(".toml")}
    own = {f"{name}.toml" for name in ("annotations", "calendars", "definitions", "holidays")}
    assert left - own - {"hours.toml", "standards.toml"} == {"lines.toml"}
    digest = sha256()
    for path in rule_files():
        if path.name.endswith(".py") or path.name == "lines.toml":
            digest.update(path.read_bytes())
    assert program() == digest.hexdigest()[:12]


def _lines(folder: Folder) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in (folder.path / FILE).read_bytes().splitlines()]


def _write(folder: Folder, lines: list[dict[str, Any]]) -> None:
    written = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
    (folder.path / FILE).write_bytes(written)


STANDARD = """
[[standard]]
id = "ircc.abandonment"
version = 1
department = "ircc"
channel = "phone"
measure = "abandon.rate"
measure_version = {version}
target = "60.00"
better = "lower"
effective_from = 2025-04-01
source = "Our own"
[standard.en]
name = "Abandonment"
text = "Three in five or less."
[standard.fr]
name = "Abandons"
text = "Trois sur cinq ou moins."
"""


@pytest.mark.parametrize(
    ("month", "version", "result", "judged"),
    [
        ("01", 1, "not met", 1),
        ("01", 2, "NA", 1),
        ("02", 1, "not met", 1),  # both are given
        ("02", 2, "met", 2),
        ("03", 1, "NA", 2),
        ("03", 2, "met", 2),
    ],
)
def test_a_standard_judges_its_own_version(
    folder: Folder, month: str, version: int, result: str, judged: int
) -> None:
    (folder.path / "definitions.toml").write_text(TOML)
    (folder.path / "standards.toml").write_text(STANDARD.format(version=version))
    start, end = f"2026-{month}-01", f"2026-{int(month) + 1:02d}-01"
    (row,) = (
        row
        for row in folder.rows("standards", "--from", start, "--to", end)
        if row["id"] == "ircc.abandonment"
    )
    assert (row["result"], row["version"]) == (result, judged)
    assert (row["revision"], row["effective_from"]) == (1, "2025-04-01")
    assert ("not comparable" in row["reason"]) == (result == "NA")
