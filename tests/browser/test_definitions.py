"""The definitions page in a real browser: without script, by keyboard, small, dark, printed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from streams.gateway.definitions import file_name, render
from streams.gateway.definitions.words import say
from streams.gateway.typography import LANGUAGES, Language
from tests.browser.test_page import CONTRAST

pytestmark = pytest.mark.browser


@contextmanager
def opened(chromium: Browser, origin: str, path: str, **context: Any) -> Iterator[Page]:
    """A page at rest; complaints in the console and requests to elsewhere are failures."""
    session = chromium.new_context(**context)
    page = session.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(origin + path)
    yield page
    session.close()
    assert complaints == []
    assert asked
    assert all(url.startswith(origin) for url in asked)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_reads_well(chromium: Browser, site: str, language: Language, scheme: Any) -> None:
    with opened(chromium, site, f"/{language}/definitions", color_scheme=scheme) as page:
        assert page.title() == f"{say(language, 'title')} – Vouchline"
        assert page.locator("h1").inner_text() == say(language, "title")
        header = "getComputedStyle(document.querySelector('header')).backgroundColor"
        dark = scheme == "dark"
        assert page.evaluate(header) == ("rgb(12, 17, 23)" if dark else "rgb(38, 55, 74)")
        assert page.evaluate(CONTRAST) == []


def test_the_longest_bar_is_the_highest_value(chromium: Browser, site: str) -> None:
    with opened(chromium, site, "/en/definitions") as page:
        widths = page.evaluate(
            "[...document.querySelectorAll('.bars svg')].map(s =>"
            " s.querySelector('.fill').getBoundingClientRect().width /"
            " s.getBoundingClientRect().width)"
        )
        assert [round(width, 2) for width in widths] == [
            *(0.67, 0.64, 0.64, 0.61, 0.58, 0.56, 0.56, 0.50, 0.40)
        ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [320, 640, 1280])
def test_no_sideways_scrolling(
    chromium: Browser, site: str, language: Language, width: int
) -> None:
    size = {"width": width, "height": 640}
    with opened(chromium, site, f"/{language}/definitions", viewport=size) as page:
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        outside = page.evaluate(
            "w => [...document.querySelectorAll('article > *, dd, dt, li, section > p')]"
            ".filter(e => !e.closest('.wide') && e.getBoundingClientRect().right > w)"
            ".map(e => e.textContent)",
            width,
        )
        assert outside == []


def test_by_keyboard(chromium: Browser, site: str) -> None:
    with opened(chromium, site, "/en/definitions") as page:
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        summary = page.locator("[id='funnel.arrived'] summary")
        summary.focus()
        page.keyboard.press("Enter")
        assert page.locator("[id='funnel.arrived'] pre").is_visible()
        page.locator("nav a[href='#section-fidelity']").press("Enter")
        assert page.locator("#section-fidelity h2").bounding_box()["y"] < 200  # type: ignore[index]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_alone_without_script(chromium: Browser, language: Language, tmp_path: Path) -> None:
    for name in LANGUAGES:
        (tmp_path / file_name(name)).write_text(render(name, alone=True), encoding="utf-8")
    path = f"/{file_name(language)}#email.within_3"
    with opened(chromium, tmp_path.as_uri(), path, java_script_enabled=False) as page:
        page.locator("header a").click()
        page.wait_for_url(f"{tmp_path.as_uri()}/{file_name('fr' if language == 'en' else 'en')}")
        assert page.locator("[id='email.within_3'] summary").is_visible()


def test_print_shows_what_is_folded(chromium: Browser, site: str) -> None:
    with opened(chromium, site, "/en/definitions") as page:
        folded = page.locator("[id='answer.rate'] pre")
        assert not folded.is_visible()
        page.emulate_media(media="print")
        assert folded.is_visible()
        assert not page.locator("nav").is_visible()
        assert len(page.pdf()) > 100_000
