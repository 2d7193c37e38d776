"""From the first fact to a corrected figure: statuses, control totals, gaps, the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streams.finals.ledger import FILE
from tests.e2e.folder import IRCC, Folder, call, clock, declared, fact

DAY = ("--from", "2026-01-05", "--to", "2026-01-06")
MORNING = ("2026-01-05T05:00", "2026-01-05T17:00")  # of Toronto's 5 January, in UTC
EVENING = ("2026-01-05T17:00", "2026-01-06T05:00")
YOUNG = "until 2026-01-16T00:00:00-05:00, ten days after the close"


@pytest.fixture
def folder(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Folder:
    return Folder(tmp_path / "data", capfdbinary)


def figure(folder: Folder, measure: str = "funnel.arrived", *words: str) -> dict[str, Any]:
    """One figure of IRCC on 5 January."""
    asked = ("measures", *DAY, "--by", "department", "--measure", measure, *words)
    (found,) = (row for row in folder.rows(*asked) if row["dimensions"]["department"] == "ircc")
    return found


def standing(folder: Folder, measure: str = "funnel.arrived", *words: str) -> tuple[str, str]:
    found = figure(folder, measure, *words)
    return found["status"], found.get("why", "")


def ledger(folder: Folder) -> list[str]:
    return folder.run("finals").out.splitlines()


def test_a_figure_from_live_to_corrected(folder: Folder) -> None:
    """Every status, and everything that is waited for, one after the other."""
    folder.tell(call("2026-01-05T14:00", "one"), call("2026-01-05T18:00", "two", None))
    assert standing(folder) == ("live", "the period is not over")

    accepted = fact("2026-01-05T18:10", "callback.accepted", "two")
    folder.tell(accepted, clock("2026-01-06T09:00"))
    open_ = "1 still waiting, in the menu or to be called back"
    no_total = "no control total by switch or workforce system"
    assert standing(folder) == ("provisional", f"{open_}; {YOUNG}; {no_total}")
    assert figure(folder)["open"] == 1

    folder.tell(
        fact("2026-01-06T14:00", "callback.attempted", "two", number=1),
        fact("2026-01-06T14:01", "callback.connected", "two", number=1),
        declared("2026-01-06T14:02", "arrived", 3, *MORNING),
    )
    why = f"{YOUNG}; 1 in no control total; control totals differ by 2"
    assert standing(folder) == ("provisional", why)

    carrier = declared("2026-01-06T15:00", "arrived", 9, *MORNING, authority="carrier")
    folder.tell(carrier, declared("2026-01-06T15:01", "arrived", 1, *MORNING))
    assert standing(folder) == ("provisional", f"{YOUNG}; 1 in no control total")
    folder.tell(declared("2026-01-06T15:02", "arrived", 1, *EVENING, authority="workforce"))
    assert standing(folder) == ("provisional", YOUNG)

    finals = ("finals", *DAY, "--by", "department", "--measure", "funnel.arrived,abandon.rate")
    assert folder.run(*finals).out == f"0 recorded, 2 not final\n  2: {YOUNG}\n"
    assert ledger(folder) == ["Nothing was recorded."]

    folder.tell(clock("2026-01-16T05:00"))
    assert standing(folder) == ("final", "")
    recorded = folder.run(*finals).out.splitlines()
    place = "2026-01-05T00:00 to 2026-01-06T00:00 department ircc"
    arrived, abandoned = f"funnel.arrived v1, {place}", f"abandon.rate v1, {place}"
    assert recorded[:3] == [
        f"final     {arrived}: 2",
        f"final     {abandoned}: 0 / 2",
        "2 recorded, 0 not final",
    ]
    assert folder.run(*finals).out == "0 recorded, 0 not final\n"
    assert standing(folder) == ("final", "")

    folder.tell(call("2026-01-05T15:00", "late", None))
    changed = "recorded as 2; the change is not recorded yet"
    since = "changed since then: the facts (events added: 2)"
    assert standing(folder) == ("restated", f"{changed}; {since}")
    assert standing(folder, "funnel.answered")[0] == "provisional"  # it was never recorded
    silent = folder.run(*finals)
    assert (silent.status, silent.out) == (1, "")
    assert "2 figures were recorded as final and have changed" in silent.err
    assert "--reason" in silent.err
    assert ledger(folder) == recorded[:2]
    assert folder.run(*finals, "--reason", " ").status == 1

    folder.run(*finals, "--reason", "a switch was late")
    assert standing(folder) == ("restated", "a switch was late")
    assert ledger(folder)[2:] == [
        f"restated  {arrived}: 3 (a switch was late)",
        f"restated  {abandoned}: 0 / 3 (a switch was late)",
    ]

    folder.tell(call("2026-01-05T16:00", "lost"))
    folder.run(*finals, "--correction", "--reason", "the switch had lost one")
    assert standing(folder, "abandon.rate") == ("corrected", "the switch had lost one")
    assert figure(folder, "abandon.rate")["denominator"] == 4
    assert len(ledger(folder)) == 6


def test_the_same_words_by_sql_and_in_the_table(folder: Folder) -> None:
    folder.tell(call("2026-01-05T14:00", "one"), clock("2026-01-20T05:00"))
    live = folder.raw("measures", *DAY, "--by", "department", "--format", "json")
    by_sql = ("measures", *DAY, "--by", "department", "--format", "json", "--engine", "sql")
    assert folder.raw(*by_sql) == live
    chosen = ("--measure", "funnel.arrived,repeat.served,survey.invited")
    table = folder.run("measures", *DAY, *chosen).out.split("\n\n")
    assert table[-1].splitlines() == [
        "2026-01-05T00:00:00-05:00 to 2026-01-06T00:00:00-05:00 (America/Toronto)",
        "by cohort · as of 2026-01-20T00:00:00-05:00",
        "a: provisional: no control total by switch or workforce system",
        "b: final",
        "a funnel.arrived             1 contacts",
        "a repeat.served              1 contacts",
        "b survey.invited       unknown",
    ]


def test_messages_and_repeats_have_deadlines_of_their_own(folder: Folder) -> None:
    email = {"department": "ircc", "channel": "email", "intake": "mailbox"}
    folder.tell(
        fact("2026-01-05T14:00", "email.received", "m1", **email),
        call("2026-01-05T14:00", "one", caller="somebody"),
        declared("2026-01-06T06:00", "received", 1, *MORNING),
        declared("2026-01-06T06:00", "arrived", 1, *MORNING),
    )
    unanswered = f"1 without a reply; {YOUNG}"
    assert standing(folder, "email.received") == ("provisional", unanswered)
    week = f"1 served less than a week ago, who may still come back; {YOUNG}"
    assert standing(folder, "repeat.served") == ("provisional", week)
    assert standing(folder) == ("provisional", YOUNG)
    folder.tell(clock("2026-01-16T05:00"))
    for measure in ("repeat.served", "funnel.arrived"):
        assert standing(folder, measure) == ("final", "")
    # What is open grows older by the clock alone: recorded now, its age would change by itself.
    assert standing(folder, "email.open") == ("provisional", "1 without a reply")
    folder.tell(fact("2026-01-16T15:00", "email.responded", "m1"), clock("2026-01-17T05:00"))
    for measure in ("email.received", "email.answered", "email.open"):
        assert standing(folder, measure) == ("final", "")


def test_by_interval_nothing_stays_open_and_categories_share_the_totals(folder: Folder) -> None:
    folder.tell(
        call("2026-01-05T14:00", "one"),
        call("2026-01-05T18:00", "two", None),
        fact("2026-01-05T18:10", "callback.accepted", "two"),
        fact("2026-01-05T18:10", "topic.assigned", "two", topic="visa"),
        declared("2026-01-06T06:00", "arrived", 2, MORNING[0], EVENING[1]),
        clock("2026-01-17T05:00"),
    )
    assert standing(folder)[1] == "1 still waiting, in the menu or to be called back"
    assert standing(folder, "funnel.arrived", "--attribution", "interval") == ("final", "")
    asked = ("measures", *DAY, "--by", "category", "--measure", "topic.contacts,funnel.answered")
    assert {
        (row["dimensions"]["category"], row["measure"], row["status"], row["value"])
        for row in folder.rows(*asked)
        if row["period"]["zone"] == "America/Toronto"
    } == {
        (None, "funnel.answered", "provisional", 1),
        (None, "topic.contacts", "final", None),
        ("visa", "funnel.answered", "final", None),
        ("visa", "topic.contacts", "final", 1),
    }


def test_a_recorded_figure_whose_group_is_gone_does_not_go_silently(folder: Folder) -> None:
    """A late first fact says that the call belonged to another queue."""
    folder.tell(
        call("2026-01-05T14:00", "one"),
        declared("2026-01-06T06:00", "arrived", 1, *MORNING),
        clock("2026-01-17T05:00"),
    )
    by_queue = (*DAY, "--by", "queue", "--measure", "funnel.arrived")
    folder.run("finals", *by_queue)
    folder.tell(fact("2026-01-05T13:59", "queue.entered", "one", queue="other"))
    found = {
        row["dimensions"]["queue"]: (row["status"], row["value"])
        for row in folder.rows("measures", *by_queue)
    }
    assert found == {"other": ("final", 1), "q": ("restated", None)}
    assert folder.run("finals", *by_queue).status == 1
    said = folder.run("finals", *by_queue, "--reason", "it was another queue").out
    assert "restated  funnel.arrived v1, 2026-01-05T00:00 to 2026-01-06T00:00 queue q: unknown" in (
        said
    )


def test_a_ledger_cut_short_by_a_crash_goes_on(folder: Folder) -> None:
    folder.tell(
        call("2026-01-05T14:00", "one"),
        declared("2026-01-06T06:00", "arrived", 1, *MORNING),
        clock("2026-01-17T05:00"),
    )
    finals = ("finals", *DAY, "--by", "department", "--measure", "funnel.a*")
    folder.run(*finals)
    path = folder.path / FILE
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    assert standing(folder) == ("final", "")
    assert "1 recorded, 0 not final" in folder.run(*finals).out
    assert path.read_bytes() == whole
    path.write_bytes(whole.replace(b"final", b"finished"))
    broken = folder.run("measures", *DAY)
    assert (broken.status, broken.out) == (1, "")
    assert f"{FILE}, line 1 cannot be read" in broken.err


def test_of_many_that_are_recorded_some_are_shown_and_all_are_listed(folder: Folder) -> None:
    folder.tell(
        call("2026-01-05T14:00", "one"),
        declared("2026-01-06T06:00", "arrived", 1, *MORNING),
        clock("2026-01-17T05:00"),
    )
    said = folder.run("finals", *DAY, "--by", "department", "--measure", "funnel.*").out
    shown, recorded = said.splitlines()[20:22]
    count = int(recorded.split()[0])
    assert shown == f"and {count - 20} more (vouch finals lists all)"
    assert len(ledger(folder)) == count


def test_a_period_needs_both_ends(folder: Folder) -> None:
    for words in (("--from", "2026-01-05"), ("--to", "2026-01-06")):
        assert "--from and --to" in folder.run("finals", *words).err


def test_totals_are_reconciled_like_with_like(folder: Folder) -> None:
    folder.tell(
        call("2026-01-05T14:00", "one"),
        call("2026-01-05T18:00", "two"),
        declared("2026-01-06T06:00", "arrived", 2, *MORNING),
        declared("2026-01-06T06:00", "arrived", 0, *EVENING),
        declared("2026-01-06T06:00", "arrived", 2, MORNING[0], EVENING[1]),
        declared("2026-01-06T06:00", "answered", 2, MORNING[0], EVENING[1], attribution="interval"),
        declared("2026-01-06T06:00", "arrived", 1, *MORNING, queue="q"),
        clock("2026-01-06T07:00"),
    )
    said = folder.run("reconcile", *DAY)
    assert said.out.splitlines() == [
        "    declared      counted  unexplained  intervals apart",
        "           2            2            0  0 of 1           ircc: answered by interval, "
        "switch, 2026-01-05T00:00 to 2026-01-06T00:00",
        "           2            2            0  0 of 1           ircc: arrived by cohort, "
        "switch, 2026-01-05T00:00 to 2026-01-06T00:00",
        "           2            2            0  2 of 2           ircc: arrived by cohort, "
        "switch, 2026-01-05T00:00 to 2026-01-06T00:00",
        "           1            1            0  0 of 1           ircc q: arrived by cohort, "
        "switch, 2026-01-05T00:00 to 2026-01-05T12:00",
        "No carrier declared a total: calls blocked in the network cannot be seen.",
    ]
    assert said.status == 1  # two intervals differ, though their sum does not
    each = folder.run("reconcile", *DAY, "--each").out
    assert each.count("\n") == 7
    assert each.count(" +1 ") == each.count(" -1 ") == 1


def test_a_carrier_sees_more_and_fails_nothing(folder: Folder) -> None:
    folder.tell(
        call("2026-01-05T14:00", "one"),
        declared("2026-01-06T06:00", "arrived", 5, *MORNING, authority="carrier"),
        declared("2026-01-06T06:00", "arrived", 1, *MORNING),
        clock("2026-01-06T07:00"),
    )
    said = folder.run("reconcile", *DAY, "--format", "json")
    assert said.status == 0
    assert [row["remainder"] for row in folder.rows("reconcile", *DAY)] == [4, 0]
    table = folder.run("reconcile", *DAY).out
    assert "+4" in table
    assert "No carrier" not in table
    assert figure(folder, "funnel.unexplained")["value"] == 4


def test_where_nobody_declared_it_is_said(folder: Folder) -> None:
    folder.tell(call("2026-01-05T14:00", "one"))
    said = folder.run("reconcile", *DAY)
    assert said == (
        0,
        "Nobody declared a total.\n"
        "No carrier declared a total: calls blocked in the network cannot be seen.\n",
        "",
    )
    assert folder.rows("reconcile", *DAY) == []
    assert folder.run("reconcile", "--from", "2026-01-06", "--to", "2026-01-06").status == 1


def test_missing_sequence_numbers_are_listed_by_source(folder: Folder) -> None:
    def told(minute: int, source: str, sequence: str) -> bytes:
        at = f"2026-01-05T14:{minute:02d}"
        return fact(at, "contact.arrived", f"c{minute}", source=source, sequence=sequence, **IRCC)

    folder.tell(
        [told(n, "whole", f"{n:012d}") for n in range(1, 5)],
        [told(n, "acd", f"{n:012d}") for n in (9, 3, 4, 8)],
        told(9, "acd", "000000000009"),
        told(1, "menu", ""),
        [told(n, "lines", str(n // 2)) for n in range(4)],
    )
    said = folder.run("gaps")
    assert said.status == 1
    assert said.out.splitlines() == [
        "acd: 3 missing beside 4 that came",
        "  5 to 7",
        "lines: cannot be checked, 2 of its 2 numbers stand for several events",
        "menu: cannot be checked, its events carry no number",
        "whole: none missing beside 4 that came",
    ]
    folder.tell([told(n, "acd", f"{n:012d}") for n in (5, 7, 6)])
    assert "acd: none missing beside 7 that came" in folder.run("gaps").out
    assert folder.run("gaps").status == 0
    assert [row["missing"] for row in folder.rows("gaps")] == [None] * 4


def test_before_the_first_fact_nothing_has_come(folder: Folder) -> None:
    assert "there is nothing in" in folder.run("gaps").err
    folder.tell()
    assert folder.run("gaps") == (0, "Nothing has come yet.\n", "")
    assert folder.run("measures", *DAY).out == "Nothing was counted yet.\n"
    assert folder.run("finals", *DAY).out == "0 recorded, 0 not final\n"
    assert folder.run("standards").err == "vouch standards: nothing was counted yet\n"
