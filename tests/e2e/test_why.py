"""`vouch why`: from what a figure was to what it is, and the difference of two periods."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest

from streams.finals.ledger import FILE, Ledger
from tests.e2e.folder import Folder, call, clock, declared, fact, later
from tests.runtimes.test_kept import written
from tests.schemas.changes import TOML

DAY = ("--from", "2026-01-05", "--to", "2026-01-06", "--by", "department")
RATE = "abandon.rate/2026-01-05/department=ircc"
Row = dict[str, Any]


@pytest.fixture
def folder(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Folder:
    """A day of which one call is answered, one abandoned at once, and one after five minutes."""
    found = Folder(tmp_path / "data", capfdbinary)
    found.tell(
        call("2026-01-05T15:00", "a"),
        _abandoned("2026-01-05T15:10", "b", 0),
        _abandoned("2026-01-05T15:20", "c", 5),
        declared("2026-01-05T20:00", "arrived", 3, "2026-01-05T05:00", "2026-01-05T17:00"),
        clock("2026-01-17T12:00"),
    )
    return found


def _abandoned(at: str, subject: str, after: int, **data: str) -> list[bytes]:
    """A call that was given up after some minutes; 0 are five seconds."""
    left = fact(later(at, after), "contact.ended", subject, by="customer")
    told = [*call(at, subject, None, **data)]
    return [*told, left if after else left.replace(b":00.000Z", b":05.000Z")]


def _recorded(folder: Folder, measure: str = "abandon.rate") -> None:
    assert "1 recorded" in folder.run("finals", *DAY, "--measure", measure).out


def _steps(folder: Folder, *words: str) -> dict[str, tuple[int, int | None, list[Row] | None]]:
    (found,) = folder.rows("why", *(words or (RATE,)))
    whole = [found["steps"][-1]["after"], found["kept"]["ratio"]]
    for place, name in enumerate(("numerator", "denominator")):
        added = sum(step[name] or 0 for step in found["steps"])
        assert (whole[0][place] or 0) - (whole[1][place] or 0) == added
    assert found["agrees"]
    return {s["name"]: (s["numerator"], s["denominator"], s["contacts"]) for s in found["steps"]}


def _moved(contact: str, before: object, after: object) -> Row:
    return {"contact": contact, "before": before, "after": after}


def test_nothing_changed(folder: Folder) -> None:
    _recorded(folder)
    assert _steps(folder) == {"rules": (0, 0, None), "late": (0, 0, []), "clock": (0, 0, [])}
    assert "changed since then: nothing" in folder.run("why", RATE).out


def test_late_data_and_the_clock_are_told_apart(folder: Folder) -> None:
    """Of `d` everything comes late; of `e` the end too, but it happens after then."""
    _recorded(folder)
    folder.tell(
        _abandoned("2026-01-05T15:40", "d", 5),
        call("2026-01-05T15:50", "e", None),
        fact("2026-01-18T12:00", "contact.ended", "e", by="customer"),
    )
    assert _steps(folder) == {
        "rules": (0, 0, None),
        "late": (1, 2, [_moved("d", None, [1, 1]), _moved("e", None, [0, 1])]),
        "clock": (1, 0, [_moved("e", [0, 1], [1, 1])]),
    }
    said = folder.run("why", RATE).out
    assert "was 2 / 3 as of 2026-01-17T12:00:00.000Z, recorded as final" in said
    assert "is  4 / 5 as of 2026-01-18T12:00:00.000Z" in said
    assert "changed since then: the facts (events added: 6)" in said
    assert "+1 / +2  late data" in said
    assert "e: 0 / 1 to 1 / 1" in said


def test_a_late_fact_of_a_contact_that_was_counted(folder: Folder) -> None:
    _recorded(folder)
    folder.tell(fact("2026-01-05T15:22", "agent.connected", "c"))
    assert _steps(folder) == {
        "rules": (0, 0, None),
        "late": (-1, 0, [_moved("c", [1, 1], [0, 1])]),
        "clock": (0, 0, []),
    }


def test_of_two_versions_in_parallel_the_one_in_force_is_meant(folder: Folder) -> None:
    back = TOML.replace("2026-02-01", "2026-01-01").replace("2026-03-01", "2026-02-01")
    (folder.path / "definitions.toml").write_text(back)
    assert "2 recorded" in folder.run("finals", *DAY, "--measure", "abandon.rate").out
    for figure, version in ((RATE, 2), ("abandon.rate@1/2026-01-05/department=ircc", 1)):
        (found,) = folder.rows("why", figure)
        assert (found["kept"]["version"], found["version"]) == (version, version)


def test_what_was_recorded_again_is_what_it_was(folder: Folder) -> None:
    _recorded(folder)
    folder.tell(call("2026-01-05T15:40", "d"))
    folder.run("finals", *DAY, "--measure", "abandon.rate", "--reason", "a late switch")
    (found,) = folder.rows("why", RATE)
    assert found["kept"]["ratio"] == [2, 3]  # the newest that says otherwise than now
    folder.tell(call("2026-01-05T15:41", "f"))
    (found,) = folder.rows("why", RATE)
    assert found["kept"]["ratio"] == [2, 4]
    assert found["kept"]["source"] == "recorded as restated: a late switch"
    folder.tell(*(call(f"2026-01-05T14:{n:02d}", f"g{n:02d}") for n in range(24)))
    said = folder.run("why", RATE).out
    assert "nothing to 0 / 1\n" in said
    assert "and 5 more (--format json has all)" in said
    assert len(_steps(folder)["late"][2] or []) == 25


def test_a_definition_that_reaches_back(folder: Folder) -> None:
    _recorded(folder)
    folder.tell(_abandoned("2026-01-05T15:40", "d", 0))
    back = TOML.replace("2026-02-01", "2026-01-01").replace("2026-03-01", "2026-01-02")
    (folder.path / "definitions.toml").write_text(back)
    assert _steps(folder) == {
        "rules": (0, 0, None),
        "definition": (-1, -1, [_moved("b", [1, 1], None)]),
        "late": (0, 0, []),
        "clock": (0, 0, []),
    }
    assert "definition: version 1 to version 2" in folder.run("why", RATE).out
    before = _steps(folder, "abandon.rate@1/2026-01-05/department=ircc")
    assert before["late"] == (1, 1, [_moved("d", None, [1, 1])])


def test_rules_that_changed_are_named(folder: Folder) -> None:
    """Nobody can count again what the program of then did; that it differs can be said."""
    _recorded(folder)
    line = msgspec.json.decode((folder.path / FILE).read_bytes())
    line["basis"]["calendars"], line["figure"]["numerator"] = "others", 1
    (folder.path / FILE).write_bytes(msgspec.json.encode(line) + b"\n")
    assert _steps(folder)["rules"] == (1, 0, None)
    said = folder.run("why", RATE).out
    assert "changed since then: the calendars" in said
    assert "which contacts, cannot be told" in said


def test_where_positions_were_not_kept_two_steps_are_one(folder: Folder) -> None:
    _recorded(folder)
    folder.tell(_abandoned("2026-01-05T15:40", "d", 5))
    line = msgspec.json.decode((folder.path / FILE).read_bytes())
    del line["basis"]
    (folder.path / FILE).write_bytes(msgspec.json.encode(line) + b"\n")
    assert _steps(folder) == {"facts": (1, 1, None), "clock": (0, 0, [])}
    said = folder.run("why", RATE).out
    assert "what it rested on was not kept" in said
    assert "rules or late data" in said


def test_a_figure_of_all_departments_is_one_for_each_zone(folder: Folder) -> None:
    folder.tell(call("2026-01-05T15:00", "v", department="vac"))
    folder.run("measures", *DAY[:4], "--measure", "funnel.asked", "--save", "kept")
    folder.tell(call("2026-01-05T15:10", "w", department="vac"))
    rows = folder.rows("why", "funnel.asked/2026-01-05", "--was", "kept")
    assert {row["kept"]["zone"]: (row["kept"]["ratio"], row["ratio"]) for row in rows} == {
        "America/Halifax": ([1, None], [2, None]),
        "America/Toronto": ([3, None], [3, None]),
    }


def test_positions_of_another_log_say_nothing(folder: Folder) -> None:
    _recorded(folder)
    line = msgspec.json.decode((folder.path / FILE).read_bytes())
    line["basis"]["log"] = "another"
    (folder.path / FILE).write_bytes(msgspec.json.encode(line) + b"\n")
    assert _steps(folder) == {"facts": (0, 0, None), "clock": (0, 0, [])}
    assert "changed since then: the log, which is another one" in folder.run("why", RATE).out


def test_from_a_baseline(folder: Folder) -> None:
    folder.run("measures", *DAY, "--measure", "abandon.rate", "--save", "kept")
    folder.tell(_abandoned("2026-01-05T15:40", "d", 5))
    assert _steps(folder, RATE, "--was", "kept") == {"facts": (1, 1, None), "clock": (0, 0, [])}


def test_from_the_report_of_a_gate(folder: Folder, tmp_path: Path) -> None:
    _recorded(folder)
    (record,) = Ledger(folder.path).records()
    assert record.basis is not None
    path = written(tmp_path / "report.json", record.basis, {1: (2, 3)})
    folder.tell(_abandoned("2026-01-05T15:40", "d", 5))
    found = _steps(folder, RATE, "--was", str(path))
    assert found["late"] == (1, 1, [_moved("d", None, [1, 1])])
    assert "gate of 2026-01-05 as of" in folder.run("why", RATE, "--was", str(path)).out


def test_a_count_a_percentile_and_one_that_rests_on_other_contacts(folder: Folder) -> None:
    for measure in ("funnel.abandoned", "abandon.time_median", "repeat.served"):
        folder.run("finals", *DAY, "--measure", measure)
    folder.tell(_abandoned("2026-01-05T15:40", "d", 9), call("2026-01-05T15:50", "e"))
    day = "2026-01-05/department=ircc"
    (one,) = _steps(folder, f"funnel.abandoned/{day}")["late"][2] or []
    assert one == _moved("d", None, [1, None])
    late = _steps(folder, f"abandon.time_median/{day}")["late"]
    assert late[:2] == (295, 1)
    assert late[2] == [_moved("d", None, [540, 1])]
    served = _steps(folder, f"repeat.served/{day}")["late"]
    assert served[0] == 1


REFUSED: list[tuple[tuple[str, ...], str]] = [
    ((RATE,), "not among the finals"),
    ((RATE, "--was", "kept"), "there is no baseline 'kept'"),
    ((RATE, "--was", "no.json"), "there is no report no.json"),
    (("funnel.unexplained/2026-01-05",), "a remainder has no contacts of its own"),
    (("no.such/2026-01-05",), "no such measure"),
    (("abandon.rate@7/2026-01-05",), "abandon.rate has no version 7; it has 1"),
    ((RATE, "--with", "previous", "--mix", "department"), "of one department already"),
    ((RATE, "--with", "previous"), "nothing was counted in one of the two periods"),
    (("abandon.time_median/2026-01-05", "--with", "previous"), "does not add up"),
    ((RATE, "--with", "yesterday"), "is not a period"),
]


def test_what_cannot_be_said_is_refused(folder: Folder) -> None:
    for words, said in REFUSED:
        found = folder.run("why", *words)
        assert (found.status, found.out) == (1, "")
        assert said in found.err


def _weeks(folder: Folder) -> None:
    """From one week to the next, more calls come to the queue in which more is abandoned."""
    for day, first, second in (("12", (4, 1), (2, 1)), ("19", (4, 0), (6, 4))):
        for queue, (count, abandoned) in (("q1", first), ("q2", second)):
            for n in range(count):
                name, at = f"{day}/{queue}/{n}", f"2026-01-{day}T15:{n:02d}"
                told = _abandoned(at, name, 5) if n < abandoned else call(at, name)
                folder.tell(
                    value.replace(b'"queue":"q"', b'"queue":"%s"' % queue.encode())
                    for value in told
                )
    folder.tell(clock("2026-02-20T12:00"))


def _between(folder: Folder, *words: str) -> Row:
    (found,) = folder.rows("why", *words)
    return found


def test_the_difference_of_two_weeks(folder: Folder) -> None:
    _weeks(folder)
    figure = "abandon.rate/2026-W04/department=ircc"
    found = _between(folder, figure, "--with", "previous")
    assert (found["then"]["ratio"], found["now"]["ratio"]) == ([2, 6], [4, 10])
    rate = {name: Fraction(value) for name, value in found["rate"].items()}
    assert sum(rate.values()) == 100 * (Fraction(4, 10) - Fraction(2, 6))
    parts = {name: Fraction(value) for name, value in found["numerator"].items()}
    assert sum(parts.values()) == 2
    assert parts["volume"] == 4 * (Fraction(2, 6) + Fraction(4, 10)) / 2
    assert [group["queue"] for group in found["groups"]] == ["q1", "q2"]
    said = folder.run("why", figure, "--with", "2026-W03").out
    assert "+2 in the numerator" in said
    assert "mix: the shares of each queue" in said
    assert "queue q2: 1 / 2 to 4 / 6" in said
    by_language = _between(folder, figure, "--with", "2026-W03", "--mix", "language")
    assert Fraction(by_language["rate"]["mix"]) == 0  # there is one language


def test_the_difference_of_a_count_is_volume(folder: Folder) -> None:
    _weeks(folder)
    found = _between(folder, "funnel.asked/2026-W04/department=ircc", "--with", "previous")
    assert found["numerator"]["volume"] == "4"
    assert [(g["then"], g["now"], g["volume"]) for g in found["groups"]] == [
        ([4, None], [4, None], "0"),
        ([2, None], [6, None], "4"),
    ]
    said = folder.run("why", "funnel.asked/2026-W04/department=ircc", "--with", "previous").out
    assert "+4  queue q2: 2 to 6" in said
    assert "mix" not in said


def test_time_in_a_state_that_was_entered_before(folder: Folder) -> None:
    """Nothing happens to the shift on the day of which all is its time."""
    state = {"agent": "x", "department": "ircc"}
    on, off = (
        fact(f"2026-01-{day}T20:00", "agent.state_changed", "shift", state=name, **state)
        for day, name in (("04", "ready"), ("06", "offline"))
    )
    folder.tell(on, off)
    _recorded(folder, "agent.time")
    found = _steps(folder, "agent.time/2026-01-05/department=ircc")
    assert found == {"rules": (0, None, None), "late": (0, None, []), "clock": (0, None, [])}


def test_a_repeat_that_rests_on_another_day(folder: Folder) -> None:
    folder.tell(
        call("2026-01-05T16:00", "first", caller="x"),
        declared("2026-01-05T20:01", "arrived", 4, "2026-01-05T05:00", "2026-01-05T17:00"),
    )
    folder.run("finals", *DAY, "--measure", "repeat.rate")
    folder.tell(call("2026-01-07T16:00", "again", caller="x"))
    found = _steps(folder, "repeat.rate/2026-01-05/department=ircc")
    assert found["late"] == (1, 0, [_moved("first", [0, 1], [1, 1])])


@pytest.mark.parametrize("backwards", [False, True])
def test_the_definition_is_a_part_of_its_own(folder: Folder, backwards: bool) -> None:
    _weeks(folder)
    folder.tell(_abandoned("2026-01-20T15:00", "short", 0))
    (folder.path / "definitions.toml").write_text(
        TOML.replace("2026-02-01", "2026-01-19").replace("2026-03-01", "2026-01-20")
    )
    weeks = ["2026-W04", "2026-W03"]
    here, there = reversed(weeks) if backwards else weeks
    found = _between(folder, f"abandon.rate/{here}/department=ircc", "--with", there)
    now, then = (Fraction(*found[side]["ratio"]) for side in ("now", "then"))
    assert sum(Fraction(value) for value in found["rate"].values()) == 100 * (now - then)
    sign = -1 if backwards else 1
    assert Fraction(found["rate"]["definition"]) == sign * 100 * (Fraction(4, 10) - Fraction(5, 11))
    assert (found["redefined"]["before"]["ratio"], found["version"]) == ([5, 11], 1)
    assert sum(Fraction(value) for value in found["numerator"].values()) == sign * 2
    said = folder.run("why", f"abandon.rate/{here}/department=ircc", "--with", there).out
    assert "(the definition changed between them)" in said
