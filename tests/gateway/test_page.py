"""The live page: the same numbers in both languages, valid, and never zero for unknown."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from html.parser import HTMLParser
from string import Formatter

import pytest

from schemas.board import Board, Figure
from schemas.instants import DAY, HOUR, QUARTER_HOUR
from schemas.measures import MEASURES
from schemas.measures.funnel import SUMS
from schemas.record import Declaration
from streams.gateway import typography
from streams.gateway.messages import MESSAGES, say
from streams.gateway.page import preferred, render
from streams.gateway.typography import FINE, FIXED, LANGUAGES, Language
from streams.gateway.view import RATES, UNEXPLAINED, WAITS, view
from streams.runtimes.board import carriers
from tests.gateway.support import NOW, PLACES, board, figure, running

VOID = {"meta", "link"}


class Tree(HTMLParser):
    """Reads a page, complains about whatever is not nested, and keeps the rows of its tables."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs))
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if any(tag in self.open for tag in ("th", "td")):
            self.rows[-1][-1] += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page(language: Language, shown: Board | None = None) -> Tree:
    return Tree(render(shown or board(), language, 5))


def digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)


def table(language: Language, shown: Board | None = None) -> dict[str, list[str]]:
    rows = [[cell.strip() for cell in row] for row in page(language, shown).rows]
    return {row[0]: row[1:] for row in rows}


def test_golden_numbers() -> None:
    en, fr = table("en"), table("fr")
    assert en["Arrived"][0] == "12,840"
    assert fr["Arrivés"][0] == f"12{FINE}840"
    assert en["Answer rate"] == ["5,550 of 9,310", "59.61%"]
    assert fr["Taux de réponse"] == [f"5{FINE}550 sur 9{FINE}310", f"59,61{FINE}%"]
    assert en["Speed of answer"] == [f"6{FIXED}min{FIXED}24{FIXED}s"]
    assert en["Median wait"] == fr["Attente médiane"] == [f"3{FIXED}min{FIXED}4{FIXED}s"]
    assert en["permanent-residence English"] == ["1,210", f"1{FIXED}h{FIXED}23{FIXED}min", "14"]
    assert fr["permanent-residence français"] == ["2", "inconnu", "3"]
    assert fr["File inconnue"] == ["0", "–", "1"]


def test_the_same_numbers_in_both_languages() -> None:
    en, fr = page("en").rows, page("fr").rows
    assert [[digits(c) for c in row[1:]] for row in en] == [[digits(c) for c in r[1:]] for r in fr]
    assert any(digits(cell) for row in en for cell in row[1:])


def test_names_of_measures_come_from_their_definitions() -> None:
    for language in LANGUAGES:
        shown = table(language)
        for measure in (*RATES, *WAITS, *(f"funnel.{place}" for place in PLACES), UNEXPLAINED):
            row = MEASURES[measure]
            assert (row.en if language == "en" else row.fr).name in shown


def test_unknown_is_unknown_and_never_zero() -> None:
    assert table("en")["Access rate"] == ["0 of 0", "unknown"]
    assert table("en")["Wait, 90th percentile"] == ["unknown"]
    nothing = table("fr", board(today=[figure("funnel.waiting", 0)], queues=[]))
    assert nothing["Encore en attente"][0] == "0"
    assert nothing["Arrivés"][0] == "inconnu"


def test_the_funnel_is_the_closed_one() -> None:
    assert {name for total, parts in SUMS for name in (total, *parts)} == set(PLACES)
    (ircc, other) = sorted(view(board(), "en").departments, key=lambda d: d.name, reverse=True)
    assert [block.adds_up for block in ircc.funnel] == [True, True, True]
    assert [block.adds_up for block in other.funnel] == [None, None, None]
    assert ircc.funnel[0].total.share == "100.00"
    assert ircc.funnel[0].parts[0].share == "3.19"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_no_total_explains_is_unknown(language: Language) -> None:
    row = MEASURES[UNEXPLAINED]
    name = (row.en if language == "en" else row.fr).name
    for silent in ([], [figure(UNEXPLAINED, None)]):
        shown = board(today=[*board().today, *silent], queues=[])
        assert table(language, shown)[name][0] == say(language, "unknown")
    for number in (0, 17, -3):
        shown = board(today=[*board().today, figure(UNEXPLAINED, number)], queues=[])
        assert table(language, shown)[name][0] == str(number)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("remainder", [[], [figure(UNEXPLAINED, 0)]], ids=["none", "by switch"])
def test_only_a_carrier_ends_the_warning(language: Language, remainder: list[Figure]) -> None:
    """A switch's totals that are all explained say nothing of calls that never reached it."""
    warning = say(language, "no_carrier")
    today = [*board().today, *remainder, figure(UNEXPLAINED, 0, dimensions={"department": "vac"})]
    for named, times in (([], 2), (["ircc"], 1), (["ircc", "vac"], 0)):
        shown = board(today=today, queues=[], carriers=named)
        assert render(shown, language, 5).count(warning) == times


def test_carriers_are_those_that_declare_arrivals_of_the_day() -> None:
    def total(department: str | None, since: int = NOW - HOUR, **changes: str) -> Declaration:
        named = {"authority": "carrier", "of": "arrived", "attribution": "cohort", **changes}
        until = since + QUARTER_HOUR
        return Declaration(
            subject="t", count=1, start_ms=since, end_ms=until, department=department, **named
        )

    assert carriers([total("vac"), total("ircc"), total("ircc", channel="phone")], NOW) == [
        "ircc",
        "vac",
    ]
    others = [
        total("ircc", authority="switch"),
        total("ircc", of="answered"),
        total("ircc", channel="email"),
        total("ircc", NOW - DAY),
        total(None),
    ]
    assert carriers(others, NOW) == []


def _others() -> list[Figure]:
    return [
        figure("email.received", 41),
        figure("email.answered", 12),
        figure("email.open", 29),
        figure("parliamentary.received", 0),
        figure("parliamentary.answered", 0),
        figure("parliamentary.open", 0),
        figure("survey.questionnaires", 7),
        figure("survey.answered", 0),
        figure("agent.occupancy", "84.10", numerator=841, denominator=1_000),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_channels_are_shown_where_a_department_has_any(language: Language) -> None:
    def others(today: list[Figure]) -> dict[str, str]:
        section = view(board(today=today, queues=[]), language).departments[-1]
        return {line.measure: line.figure for line in section.others}

    shown = others(_others())
    assert set(shown) == {
        *("email.received", "email.answered", "email.open"),
        *("survey.answered", "agent.occupancy"),
    }
    assert (shown["email.open"], shown["survey.answered"]) == ("29", "0")
    assert shown["agent.occupancy"] == typography.percent("84.10", language)
    heading = f"<h3>{say(language, 'others')}</h3>"
    assert heading in render(board(today=_others()), language, 5)
    assert others(board().today) == {}
    assert heading not in render(board(), language, 5)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_department_is_explained_and_shown_only_for_what_it_has(
    language: Language,
) -> None:
    nobody = {"dimensions": {"department": None}}
    title, why = say(language, "unknown_department"), say(language, "unknown_department_text")
    zeros = board(today=[*board().today, figure("funnel.arrived", 0, **nobody)])
    assert title not in render(zeros, language, 5)
    one = render(board(today=[*board().today, figure("funnel.arrived", 1, **nobody)]), language, 5)
    assert f">{title}</h2>" in one
    assert one.count(why) == 1
    assert why not in render(board(), language, 5)


def test_a_funnel_that_does_not_close_says_so() -> None:
    figures = [f for f in board().today if f.measure != "funnel.waiting"]
    text = render(board(today=[*figures, figure("funnel.waiting", 331)]), "en", 5)
    assert "the rows under “Queued” do not add up" in text
    assert "To be checked" not in render(board(), "en", 5)


def test_pending_callbacks_are_said() -> None:
    assert "Callbacks still pending: 12." in render(board(), "en", 5)
    assert "Rappels encore en attente\u00a0: 12." in render(board(), "fr", 5)


def test_before_the_first_event() -> None:
    for language in LANGUAGES:
        assert say(language, "no_events") in render(Board(), language, 5)


def test_as_of_is_local_to_the_department() -> None:
    assert view(board(), "en").as_of == (
        f"As of 14:05:09, Monday 5{FIXED}January 2026 (America/Toronto time)"
    )
    assert "14 h 5 min 9 s" in view(board(), "fr").as_of.replace(FIXED, " ")
    assert "19:05:09" in view(board(today=[]), "en").as_of  # UTC where no zone is known


def test_departments_by_their_public_names() -> None:
    names = [d.name for d in view(board(today=[figure("funnel.arrived", 1)]), "fr").departments]
    assert names == ["<b>&", "Immigration, Réfugiés et Citoyenneté Canada"]
    nobody = figure("funnel.arrived", 1, dimensions={"department": None})
    last = view(board(today=[nobody]), "fr").departments[-1]
    assert last.name == "Ministère inconnu"


@pytest.mark.parametrize("language", LANGUAGES)
def test_sound_and_accessible_html(language: Language) -> None:
    text = render(board(), language, 5)
    tree = Tree(text)
    assert text.lstrip().startswith("<!DOCTYPE html>")
    assert tree.named("html") == [{"lang": f"{language}-CA"}]
    assert len(tree.named("h1")) == len(tree.named("main")) == len(tree.named("title")) == 1
    assert len(tree.named("caption")) == len(tree.named("table"))
    assert all(heading.get("scope") for heading in tree.named("th"))
    assert {"http-equiv": "refresh", "content": "5"} in tree.named("meta")
    identities = [str(a["id"]) for _, a in tree.tags if "id" in a]
    assert len(identities) == len(set(identities))
    targets = {a["href"] for a in tree.named("a") if str(a["href"]).startswith("#")}
    assert targets <= {f"#{identity}" for identity in identities}
    assert "#main" in targets
    assert not tree.named("script")
    assert not any("style" in attributes for _, attributes in tree.tags)
    assert "<b>&<" not in text  # what producers send is escaped


def test_the_page_is_served_with_a_strict_policy() -> None:
    async def story() -> None:
        async with running() as gateway:
            for path in ("/en", "/fr"):
                answer = await gateway.client.get(path)
                assert answer.status == 200
                assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
                assert answer.headers["Content-Language"] == f"{path[1:]}-CA"
                assert answer.headers["Cache-Control"] == "no-store"
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "script" not in policy
                assert "unsafe" not in policy
            assert 'http-equiv="refresh"' not in (await gateway.text("/fr?pause"))[1]
            for path in ("/style.css", "/icon.svg"):
                status, text = await gateway.text(path)
                assert status == 200
                assert "http" not in text.replace("http://www.w3.org/2000/svg", "")

    asyncio.run(story())


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        ("en-CA,en;q=0.9,fr;q=0.8", "en"),
        ("de, FR;q=0.5, en;q=0.3", "fr"),
        ("fr;q=0", "en"),
        ("fr;q=much", "en"),
        ("de", "en"),
    ],
)
def test_the_reader_chooses(header: str, language: str) -> None:
    assert preferred(header) == language

    async def story() -> None:
        async with running() as gateway:
            headers = {"Accept-Language": header}
            answer = await gateway.client.get("/", headers=headers, allow_redirects=False)
            assert (answer.status, answer.headers["Location"]) == (302, f"/{language}")
            assert answer.headers["Vary"] == "Accept-Language"

    asyncio.run(story())


def _placeholders(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name)


@pytest.mark.parametrize("key", MESSAGES)
def test_every_message_in_both_languages(key: str) -> None:
    both = MESSAGES[key]
    assert set(both) == set(LANGUAGES)
    assert both["en"] != both["fr"]
    assert _placeholders(both["en"]) == _placeholders(both["fr"])
    said = typography.spaced(both["fr"], "fr")
    for mark in (" :", " »", "« ", " %", " ;", " !", " ?", "'"):  # no-break spaces, ’ and not '
        assert mark not in said


def test_numbers_and_times_as_each_language_writes_them() -> None:
    moment = datetime.fromisoformat("2026-08-01T09:05:07-04:00")
    assert typography.number(1_234_567, "en") == "1,234,567"
    assert typography.number(1_234_567, "fr") == f"1{FINE}234{FINE}567"
    assert typography.number("0.05", "fr") == "0,05"
    assert typography.percent("7.50", "fr") == f"7,50{FINE}%"
    assert typography.clock(moment, "en") == "09:05:07"
    assert typography.clock(moment, "fr") == "9 h 5 min 7 s".replace(" ", FIXED)
    assert typography.date(moment, "fr") == f"samedi 1er{FIXED}août 2026"
    assert typography.date(moment, "en") == f"Saturday 1{FIXED}August 2026"
    spoken = [typography.duration(ms) for ms in (0, 59_999, 60_000, 3_599_999, 3_600_000)]
    assert [text.replace(FIXED, " ") for text in spoken] == [
        "0 s",
        "59 s",
        "1 min 0 s",
        "59 min 59 s",
        "1 h 0 min",
    ]
    assert typography.seconds("59.500") == f"1{FIXED}min{FIXED}0{FIXED}s"
