"""The live page in a real browser: both languages, small screens, forced colours, print."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from streams.gateway.messages import say
from streams.gateway.typography import LANGUAGES, Language

pytestmark = pytest.mark.browser

CONTRAST = """() => {
  const channel = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = c => c.match(/[\\d.]+/g).slice(0, 3).map(Number).map(channel)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = getComputedStyle(e).backgroundColor;
      if (!c.endsWith(', 0)')) return c;
    }
    return 'rgb(255, 255, 255)';
  };
  const texts = [...document.querySelectorAll('body *')].filter(e =>
    [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()));
  return texts.map(e => {
    const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
    return [(a + 0.05) / (b + 0.05), e.textContent.trim()];
  }).filter(([ratio]) => ratio < 4.5);
}"""


@contextmanager
def opened(chromium: Browser, address: str, **context: Any) -> Iterator[Page]:
    """A page at rest; complaints in the console and requests to elsewhere are failures."""
    session = chromium.new_context(**context)
    page = session.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address + "?pause")
    yield page
    session.close()
    origin = address.rpartition("/")[0]
    assert complaints == []
    assert asked
    assert all(url.startswith(origin) for url in asked)


@pytest.mark.parametrize("language", LANGUAGES)
def test_reads_well(chromium: Browser, site: str, language: Language, tmp_path: Path) -> None:
    with opened(chromium, f"{site}/{language}") as page:
        assert page.title() == f"{say(language, 'title')} – Vouchline"
        assert page.get_attribute("html", "lang") == f"{language}-CA"
        assert page.locator("h1").inner_text() == say(language, "title")
        ircc = page.locator("section").nth(1)  # the first has a queue and no figures
        funnel = ircc.locator("tr[data-measure='funnel.arrived']")
        assert funnel.locator("td").first.inner_text() in ("12,840", "12\u202f840")
        bar = funnel.locator(".fill").bounding_box()
        track = funnel.locator(".track").bounding_box()
        assert bar
        assert bar == track
        header = "getComputedStyle(document.querySelector('header')).backgroundColor"
        assert page.evaluate(header) == "rgb(38, 55, 74)"  # the style sheet has been applied
        assert page.evaluate(CONTRAST) == []
        assert page.screenshot(path=tmp_path / f"{language}.png", full_page=True)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [320, 640, 1280])
def test_no_sideways_scrolling(
    chromium: Browser, site: str, language: Language, width: int
) -> None:
    size = {"width": width, "height": 640}
    with opened(chromium, f"{site}/{language}", viewport=size) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        outside = page.evaluate(
            "w => [...document.querySelectorAll('td, th')].filter(c => "
            "c.scrollWidth > c.clientWidth + 1 || c.getBoundingClientRect().right > w)"
            ".map(c => c.textContent)",
            width,
        )
        assert outside == []


def test_dark(chromium: Browser, site: str) -> None:
    with opened(chromium, f"{site}/fr", color_scheme="dark") as page:
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 24, 31)"
        assert page.evaluate(CONTRAST) == []


def test_forced_colours_keep_the_bars(chromium: Browser, site: str) -> None:
    with opened(chromium, f"{site}/en", forced_colors="active") as page:
        colour = "s => getComputedStyle(document.querySelector(s)).fill"
        assert page.evaluate(colour, ".fill") != page.evaluate(colour, ".track")


def test_print(chromium: Browser, site: str) -> None:
    with opened(chromium, f"{site}/en") as page:
        page.emulate_media(media="print")
        assert not page.locator("nav").is_visible()
        assert len(page.pdf()) > 2_000


def test_by_keyboard(chromium: Browser, site: str) -> None:
    with opened(chromium, f"{site}/en") as page:
        page.keyboard.press("Tab")
        skip = page.locator(".skip")
        assert skip.evaluate("e => e === document.activeElement")
        box = skip.bounding_box()
        assert box
        assert box["x"] >= 0
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


def test_it_refreshes_without_script(chromium: Browser, site: str) -> None:
    session = chromium.new_context(java_script_enabled=False, locale="fr-CA")
    page = session.new_page()
    page.goto(site)
    assert page.url == f"{site}/fr"
    with page.expect_navigation(timeout=60_000):
        pass
    assert page.url == f"{site}/fr"
    session.close()
