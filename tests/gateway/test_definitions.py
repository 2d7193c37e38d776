"""The definitions page: everything that is defined, in both languages, sound and self-contained."""

from __future__ import annotations

import asyncio
import re
from html import escape
from itertools import pairwise
from string import Formatter
from typing import Any

import pytest

from schemas import definitions
from schemas.calendars import book
from schemas.measures import MEASURES, MODULES, TERMS, words
from schemas.measures.kinds import Kind
from schemas.relations import RELATIONS
from schemas.standards import STANDARDS
from streams.gateway import typography
from streams.gateway.definitions import file_name, render
from streams.gateway.definitions.measures import define, formula, names, sections, sql
from streams.gateway.definitions.words import DEFINITIONS, say, text
from streams.gateway.page import HERE
from streams.gateway.typography import FINE, FIXED, LANGUAGES, Language
from tests.gateway.support import running
from tests.gateway.test_page import Tree
from tests.schemas.changes import CHANGED

HEADINGS = ("h1", "h2", "h3", "h4")


class Page(Tree):
    """The same, and the words of a page that are not code."""

    def __init__(self, language: Language, *, alone: bool) -> None:
        self.said: list[str] = []
        super().__init__(render(language, alone))

    def handle_data(self, data: str) -> None:
        super().handle_data(data)
        self.said.append("-" if {"code", "style"} & set(self.open) else data)


def test_every_measure_is_there_once_and_whole() -> None:
    for language in LANGUAGES:
        page = render(language, alone=True)
        shown = [a["id"] for a in Page(language, alone=True).named("article")]
        calendars = [f"calendar-{site}" for site in book().calendars]
        assert shown == [*MEASURES, *calendars]
        for measure in MEASURES.values():
            said = measure.en if language == "en" else measure.fr
            (edition,) = definitions.DEFINITIONS.history(measure.id)
            for part in (text(said.name, language), text(said.text, language), sql(edition)):
                assert escape(part).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in page
            assert all(f"<code>{name}</code>" in page for name in names(measure))


def test_what_must_not_stand_alone_names_its_companions() -> None:
    for language in LANGUAGES:
        (said,) = re.findall(
            r'<article id="answer\.rate".*?</article>', render(language, True), re.S
        )
        assert say(language, "beside") in said
        for name in MEASURES["answer.rate"].beside:
            other = MEASURES[name].en if language == "en" else MEASURES[name].fr
            assert f'<a href="#{name}">{escape(text(other.name, language))}</a>' in said
    assert define("funnel.arrived", "en").beside == []


def test_every_section_relation_kind_and_unit_has_its_words() -> None:
    modules = [module.__name__.rpartition(".")[2] for module in MODULES]
    assert list(words.SECTIONS) == modules
    assert list(words.RELATIONS) == list(RELATIONS)
    assert list(words.KINDS) == list(Kind)
    assert {measure.unit for measure in MEASURES.values()} == set(words.UNITS)
    assert sum(section.size for section in sections("en")) == len(MEASURES)


def test_the_same_calls_as_others_would_report_them() -> None:
    rows = {row[0]: row[1:] for row in Page("en", alone=True).rows}
    assert rows["answered calls only"] == ["answered_within ÷ answered", "400 ÷ 600", "66.7%"]
    assert rows["the client's view"] == ["answered_within ÷ asked", "400 ÷ 1,000", "40.0%"]
    values = [found for row in list(rows.values())[1:10] for found in row[-1:]]
    assert values == [
        *("66.7%", "63.9%", "63.8%", "60.6%", "58.0%", "55.6%", "55.6%", "50.0%", "40.0%"),
    ]
    assert "The same calls: from 40.0% to 66.7%." in render("en", alone=True)
    assert f"Les mêmes appels{FIXED}: de 40,0{FINE}% à 66,7{FINE}%." in render("fr", alone=True)
    widths = [a["width"] for a in Page("en", alone=True).named("rect") if a["class"] == "fill"]
    assert widths[0] == "66.67"
    assert widths[-1] == "40.00"


def test_a_changed_measure_shows_its_versions_newest_first() -> None:
    shown = define("abandon.rate", "en", CHANGED)
    assert (shown.version, shown.numerator) == ("version 2", "abandoned − abandoned_short")
    assert shown.sql == CHANGED.edition("abandon.rate", 2).sql
    second, first = shown.history
    assert second.said == [
        "Version 2, in force from 2026-02-01: Calls abandoned within 10 s are left out.",
        "Why: They are wrong numbers.",
        "The series breaks here: figures before and after are not comparable.",
        "For periods that start before 2026-03-01, version 1 is given too.",
    ]
    assert (second.numerator, second.sql) == ("", "")
    assert first.said == ["Version 1, in force from 1999-01-01: the first"]
    assert (first.numerator, first.denominator) == ("abandoned", "asked")
    assert first.sql.startswith("-- abandon.rate, version 1")
    in_french = define("abandon.rate", "fr", CHANGED).history[0].said
    assert in_french[0].endswith(f"{FIXED}: Les abandons en moins de 10 s sont exclus.")
    assert in_french[1] == f"Motif{FIXED}: Ce sont de mauvais numéros."


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_every_version(language: Language) -> None:
    page = render(language, alone=True, definitions=CHANGED)
    (said,) = re.findall(r'<article id="abandon\.rate".*?</article>', page, re.S)
    for version in define("abandon.rate", language, CHANGED).history:
        assert all(escape(sentence) in said for sentence in version.said)
        assert escape(version.numerator) in said
    assert said.count("<pre") == 2


def test_a_formula_is_written_as_by_hand() -> None:
    assert formula("a + 86_400_000 * b - c", "en") == "a + 86,400,000 × b − c"
    assert formula("a.1 + 2_000 * b", "fr") == f"a.1 + 2{FINE}000 × b"
    unexplained = define("funnel.unexplained", "en").terms
    assert unexplained[0].other == say("en", "declared")
    assert (unexplained[1].where, unexplained[1].other) == ("", "")
    (asked,) = [term for term in TERMS if term.id == "asked"]
    assert define("funnel.asked", "fr").terms[0].where == asked.population


def test_calendars_with_their_digests_and_sources() -> None:
    for language in LANGUAGES:
        page = render(language, alone=True)
        for calendar in book().calendars.values():
            assert calendar.digest() in page
            named: list[Any] = [
                *calendar.closures.values(),
                *calendar.sources.values(),
                calendar.site,
            ]
            for row in named:
                assert escape(text(row.en if language == "en" else row.fr, language)) in page


def test_standards_commitments_and_what_has_none() -> None:
    for language in LANGUAGES:
        page = render(language, alone=True)
        rows: list[Any] = [
            *STANDARDS.standard,
            *STANDARDS.commitment,
            *STANDARDS.action,
            *STANDARDS.unset,
        ]
        for row in rows:
            assert text((row.en if language == "en" else row.fr).name, language) in page
        judged: list[Any] = [*STANDARDS.standard, *STANDARDS.commitment]
        assert all(f'<a href="#{row.measure}">' in page for row in judged)
    assert "3 business days or less (from 5 business days)" in render("en", alone=True)
    assert f"80{FINE}% ou plus" in render("fr", alone=True)


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("language", LANGUAGES)
def test_sound_and_accessible_html(language: Language, alone: bool) -> None:
    page = Page(language, alone=alone)
    assert render(language, alone).lstrip().startswith("<!DOCTYPE html>")
    assert page.named("html") == [{"lang": f"{language}-CA"}]
    assert len(page.named("h1")) == len(page.named("main")) == len(page.named("title")) >= 1
    assert len(page.named("caption")) == len(page.named("table"))
    assert all(heading.get("scope") for heading in page.named("th"))
    levels = [HEADINGS.index(tag) for tag, _ in page.tags if tag in HEADINGS]
    assert all(below - above <= 1 for above, below in pairwise(levels))
    identities = [str(a["id"]) for _, a in page.tags if "id" in a]
    assert len(identities) == len(set(identities))
    targets = {str(a["href"]) for a in page.named("a") if str(a["href"]).startswith("#")}
    assert targets <= {f"#{identity}" for identity in identities}
    assert {"#main", "#contents", "#example", "#calendars", "#standards"} <= targets
    labels = {str(a["aria-labelledby"]) for _, a in page.tags if "aria-labelledby" in a}
    assert labels <= set(identities)
    assert not page.named("script")
    assert not any("style" in attributes for _, attributes in page.tags)


def test_french_has_its_spaces() -> None:
    said = "".join(Page("fr", alone=True).said)
    assert re.findall(r".{20} (?:[:»%;!?]|« ).{5}", said) == []
    assert not re.search(r"« [a-z]", said.replace(f"«{FIXED}", ""))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_that_stands_alone_needs_nothing_else(language: Language) -> None:
    page = Page(language, alone=True)
    assert not page.named("link")
    assert len(page.named("style")) == 1
    other: Language = "fr" if language == "en" else "en"
    leading_out = {a["href"] for a in page.named("a") if not str(a["href"]).startswith("#")}
    assert leading_out == {file_name(other)}
    style = "".join(
        (HERE / "static" / name).read_text() for name in ("style.css", "definitions.css")
    )
    assert "url(" not in style
    assert "@import" not in style


def test_the_page_is_served_beside_the_live_one() -> None:
    async def story() -> None:
        async with running() as gateway:
            for language in LANGUAGES:
                answer = await gateway.client.get(f"/{language}/definitions")
                assert answer.status == 200
                assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
                assert answer.headers["Content-Language"] == f"{language}-CA"
                assert "unsafe" not in answer.headers["Content-Security-Policy"]
                page = await answer.text()
                assert page == render(language, alone=False)
                assert "<style>" not in page
                assert f'href="/{language}"' in page
                assert f'href="/{language}/definitions"' in (await gateway.text(f"/{language}"))[1]
                for address in re.findall(r'(?:href|src)="(/[^"#]*)"', page):
                    assert (await gateway.text(address))[0] == 200

    asyncio.run(story())


def _placeholders(message: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(message) if name)


@pytest.mark.parametrize("key", DEFINITIONS)
def test_every_message_in_both_languages(key: str) -> None:
    both = DEFINITIONS[key]
    assert set(both) == set(LANGUAGES)
    assert both["en"] != both["fr"] or both["en"] in {
        "Source",
        "Sources",
        "Versions",
        "version {number}",
    }
    assert _placeholders(both["en"]) == _placeholders(both["fr"])
    said = typography.spaced(both["fr"], "fr")
    for mark in (" :", " »", "« ", " %", " ;", " !", " ?", "'"):  # no-break spaces, ’ and not '
        assert mark not in said


def test_every_message_is_said() -> None:
    package = HERE / "definitions"
    code = [path.read_text() for path in package.glob("*.py") if path.name != "words.py"]
    said = "\n".join([*code, (HERE / "templates" / "definitions.html").read_text()])
    weekdays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
    assert {
        key for key in DEFINITIONS if f'"{key}"' not in said and f"'{key}'" not in said
    } <= weekdays
