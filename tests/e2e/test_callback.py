"""Callbacks explained by their neighbours, in words; and the list of those that went wrong."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from schemas.instants import instant
from streams.cli import main
from streams.commands.callback_words import WORDS
from streams.gateway.typography import FIXED
from streams.home import Home
from tests.core.examples import START, raw
from tests.runtimes.support import bring

MINUTE, HOUR = 60, 3_600
IRCC = {"department": "ircc", "channel": "phone", "language": "en"}
LATE = 40 * HOUR  # so that all that waits is lost sight of


def _call(contact: str, entered: float, queue: str = "q") -> list[bytes]:
    return [
        raw("contact.arrived", entered - 10, contact, **IRCC),
        raw("queue.entered", entered, contact, queue=queue),
    ]


def _answered(contact: str, entered: float, left: float, queue: str = "q") -> list[bytes]:
    return [
        *_call(contact, entered, queue),
        raw("agent.connected", left, contact),
        raw("contact.ended", left + 100, contact, by="customer"),
    ]


def _back(
    contact: str, entered: float, attempted: float | None, queue: str = "q", **promise: str
) -> list[bytes]:
    rung = []
    if attempted is not None:
        rung = [raw("callback.attempted", attempted, contact, number=1)]
    accepted = raw("callback.accepted", entered + 30, contact, **promise)
    return [*_call(contact, entered, queue), accepted, *rung]


def _at(second: float) -> str:
    return instant(START + round(second * 1_000))


EVENTS = [
    *_answered("before", 8 * MINUTE, 20 * MINUTE),
    *_back("inside", 10 * MINUTE, 25 * MINUTE, promise_from=_at(0), promise_until=_at(HOUR)),
    raw("callback.connected", 33 * MINUTE + 30, "inside", number=1),
    *_answered("after", 15 * MINUTE, 31 * MINUTE),
    *_back("early", 9 * MINUTE, 18 * MINUTE - 5),
    *_back("late", 11 * MINUTE, 3 * HOUR, promise_from=_at(0), promise_until=_at(HOUR)),
    # Another queue, in which the one who came first was answered last.
    *_answered("slow", 0, 40 * MINUTE, "crossing"),
    *_back("crossed", 5 * MINUTE, 30 * MINUTE, "crossing"),
    *_answered("quick", 10 * MINUTE, 20 * MINUTE, "crossing"),
    # Neighbours on one side only.
    *_answered("first", 0, 10 * MINUTE, "first"),
    *_back("follows", MINUTE, 9 * MINUTE, "first"),
    *_back("leads", -MINUTE, 9 * MINUTE, "first"),
    # And on none.
    *_back("alone", 0, 9 * MINUTE, "alone"),
    # Never attempted.
    *_back("given up", HOUR, None),
    raw("callback.expired", 5 * HOUR, "given up", reason="too late"),
    *_back("forgotten", 30 * MINUTE, None),
    *_back("by agent", 2 * HOUR, None),
    raw("callback.cancelled", 2 * HOUR + 100, "by agent", by="agent"),
    # Not to be judged.
    *_back("by caller", 3 * HOUR, None, promise_from=_at(0), promise_until=_at(HOUR)),
    raw("callback.cancelled", 3 * HOUR + 100, "by caller", by="customer"),
    *_back("next day", 4 * HOUR, 28 * HOUR),
    raw("contact.arrived", LATE, "clock", **IRCC),
]
Out = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _brought(tmp_path_factory.mktemp("callbacks"), EVENTS)


def _brought(folder: Path, values: list[bytes]) -> Path:
    with closing(Home(folder).log()) as log:
        bring(log, values)
    return folder


def _told(data: Path, capture: Out, *words: str) -> str:
    assert main(("callback", *words, "--data", str(data))) == 0
    return capture.readouterr().out.replace(FIXED, " ")


def test_a_callback_is_explained_by_its_two_neighbours(data: Path, capsys: Out) -> None:
    assert _told(data, capsys, "inside").splitlines() == [
        "inside, as of 01:00:00 on Wednesday 7 January 2026",
        "The caller arrived at 09:09:50 on Monday 5 January 2026, joined the queue at 09:10:00 and "
        "accepted a callback at 09:10:30.",
        "The comparable call before, before, joined the queue at 09:08:00 and was answered at "
        "09:20:00.",
        "The comparable call after, after, joined the queue at 09:15:00 and was answered at "
        "09:31:00.",
        "So the caller would have been answered between 09:20:00 and 09:31:00.",
        "We first rang at 09:25:00, within the bracket.",
        "A window was announced, from 09:00:00 to 10:00:00: the promise was kept.",
        "An agent and the caller were connected at 09:33:30, on attempt 1, 2 min 30 s late.",
    ]


def test_the_same_in_french(data: Path, capsys: Out) -> None:
    assert _told(data, capsys, "inside", "--lang", "fr").splitlines() == [
        "inside, en date du mercredi 7 janvier 2026 à 1 h 0 min 0 s",
        "La personne a appelé à 9 h 9 min 50 s le lundi 5 janvier 2026, est entrée dans la file à "
        "9 h 10 min 0 s et a accepté un rappel à 9 h 10 min 30 s.",
        "L’appel comparable d’avant, before, est entré dans la file à 9 h 8 min 0 s et a été pris "
        "en charge à 9 h 20 min 0 s.",
        "L’appel comparable d’après, after, est entré dans la file à 9 h 15 min 0 s et a été pris "
        "en charge à 9 h 31 min 0 s.",
        "La personne aurait donc obtenu sa réponse entre 9 h 20 min 0 s et 9 h 31 min 0 s.",
        "Première tentative à 9 h 25 min 0 s, dans l’intervalle.",
        "Une plage a été annoncée, de 9 h 0 min 0 s à 10 h 0 min 0 s : la promesse a été tenue.",
        "La personne a été mise en communication avec un agent à 9 h 33 min 30 s, à la tentative "
        "nº 1, 2 min 30 s trop tard.",
    ]


@pytest.mark.parametrize(
    ("contact", "sayings"),
    [
        ("early", ("We first rang at 09:17:55, 2 min 5 s early.", "No window was announced.")),
        ("late", ("We first rang at 12:00:00, 149 min 0 s late.", "the promise was broken")),
        ("crossed", ("The two crossed", "between 09:20:00 and 09:40:00", "within the bracket")),
        ("follows", ("within 30 minutes after", "at 09:10:00 or later", "1 min 0 s early")),
        ("leads", ("within 30 minutes before", "at 09:10:00 or earlier", "which is not late")),
        ("alone", ("the right moment cannot be told", "We first rang at 09:09:00.")),
        ("given up", ("Nobody ever rang: the callback was missed.", "given up at 14:00:00")),
        ("forgotten", ("the callback was missed", "still open", "No agent was ever connected")),
        ("by agent", ("the callback was missed", "cancelled at 11:01:40 by an agent")),
        (
            "by caller",
            (
                "It is not judged: the caller cancelled it at 12:01:40.",
                "the promise is void",
                "by the caller",
            ),
        ),
        ("next day", ("joined the queue at 13:00:00", "at 13:00:00 on Tuesday 6 January 2026")),
    ],
)
def test_every_case_has_plain_words(
    data: Path, capsys: Out, contact: str, sayings: tuple[str, ...]
) -> None:
    words = _told(data, capsys, contact)
    for saying in sayings:
        assert saying in words
    assert "{" not in _told(data, capsys, contact, "--lang", "fr")


def test_both_languages_have_the_same_words_to_say() -> None:
    assert WORDS["en"].keys() == WORDS["fr"].keys()


@pytest.mark.parametrize(
    ("contact", "saying"),
    [("nobody", "there is no contact 'nobody'"), ("before", "accepted no callback")],
)
def test_what_cannot_be_explained_is_refused(
    data: Path, capsys: Out, contact: str, saying: str
) -> None:
    assert main(("callback", contact, "--data", str(data))) == 1
    assert saying in capsys.readouterr().err


def _rows(data: Path, capture: Out, *words: str) -> list[tuple[str, str, str]]:
    rows = msgspec.json.decode(_told(data, capture, *words, "--format", "json"))
    return [(row["contact_id"], row["found"], row["outcome"]) for row in rows]


def test_the_orphaned_are_listed_first_then_the_worst(data: Path, capsys: Out) -> None:
    orphaned = [
        ("forgotten", "orphaned", "open"),
        ("given up", "orphaned", "expired"),
        ("by agent", "orphaned", "cancelled"),
    ]
    worst = [
        ("late", "late", "open"),
        ("early", "early", "open"),
        ("follows", "early", "open"),
    ]
    assert _rows(data, capsys) == orphaned + worst
    assert _rows(data, capsys, "--worst", "1") == orphaned + worst[:1]
    assert _rows(data, capsys, "--from", "2026-01-06") == []
    assert _rows(data, capsys, "--to", "2026-01-06") == orphaned + worst
    assert _rows(data, capsys, "--to", "2026-01-05") == []


@pytest.mark.parametrize(
    ("language", "first", "deviation", "last"),
    [
        ("en", "never attempted", "149 min 0 s late", "Never attempted: 3. "),
        ("fr", "jamais tenté", "149 min 0 s trop tard", "Jamais tentés : 3. "),
    ],
)
def test_the_list_as_a_table(
    data: Path, capsys: Out, language: str, first: str, deviation: str, last: str
) -> None:
    lines = _told(data, capsys, "--lang", language).splitlines()
    assert lines[0].startswith("forgotten  ircc  q")
    assert (first in lines[0], deviation in lines[3]) == (True, True)
    assert lines[-1].startswith(last)
    nothing = _told(data, capsys, "--lang", language, "--to", "2026-01-05").splitlines()
    assert len(nothing) == 1


def test_json_has_the_facts_and_the_words(data: Path, capsys: Out) -> None:
    found = msgspec.json.decode(_told(data, capsys, "crossed", "--format", "json"))
    assert found["fidelity"]["bracket"] == "both"
    assert found["fidelity"]["crossed"] is True
    assert (found["before"]["contact_id"], found["after"]["contact_id"]) == ("slow", "quick")
    assert "The two crossed" in found["words"]["en"][4]
    assert "Les deux se croisent" in found["words"]["fr"][4]


def test_a_contact_is_shown_with_its_parts_and_so_is_a_shift(tmp_path: Path, capsys: Out) -> None:
    values = [
        *_answered("c", 0, MINUTE),
        raw("queue.entered", 90, "c", queue="second"),
        raw("estimate.announced", 5, "c", seconds=50),
        raw("email.received", 0, "m", department="vac", intake="mailbox"),
        raw("email.responded", HOUR, "m"),
        raw("agent.state_changed", 0, "s", agent="a", state="ready", department="ircc"),
        raw("agent.state_changed", 20 * MINUTE, "s", agent="a", state="offline"),
    ]
    data = _brought(tmp_path, values)
    shown = {}
    for name in ("c", "m", "s"):
        assert main(("contact", name, "--data", str(data))) == 0
        shown[name] = capsys.readouterr().out
    at = "2026-01-05T09:0"
    assert f"queue=q entered_ms={at}0:00-05:00 left_ms={at}1:00-05:00 how=answered" in shown["c"]
    assert f"queue=second entered_ms={at}1:30-05:00" in shown["c"]
    assert "seconds=50 actual_ms=55.000 s" in shown["c"]
    assert "surveys" not in shown["c"]
    assert "intake=mailbox" in shown["m"]
    assert "delay_ms=3,600.000 s" in shown["m"]
    assert f"state=ready from_ms={at}0:00-05:00 spent_ms=900.000 s" in shown["s"]
    assert "state=ready from_ms=2026-01-05T09:15:00-05:00 spent_ms=300.000 s" in shown["s"]
