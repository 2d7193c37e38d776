"""The live page: server-rendered, refreshed without script, in French and in English."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import jinja2
from aiohttp import web

from schemas.board import Board
from streams.gateway.messages import say
from streams.gateway.typography import LANGUAGES, Language
from streams.gateway.view import view

HERE = Path(__file__).parent
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
STATIC = {
    "style.css": "text/css",
    "definitions.css": "text/css",
    "icon.svg": "image/svg+xml",
}


@cache
def template(name: str) -> jinja2.Template:
    """A page's template, by its file's name."""
    loader = jinja2.FileSystemLoader(HERE / "templates")
    environment = jinja2.Environment(
        loader=loader,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def render(board: Board, language: Language, refresh_s: int | None, *, halted: bool = False) -> str:
    """The page as HTML.

    Args:
        board: what it shows.
        language: in which.
        refresh_s: how often it is loaded again; null for a page that stays as it is.
        halted: something that figures come from does not go on: they may be old.
    """
    return template("live.html").render(
        view=view(board, language),
        say=partial(say, language),
        language=language,
        other=other_than(language),
        refresh=refresh_s,
        halted=halted,
    )


def other_than(language: Language) -> Language:
    """The other official language."""
    return "fr" if language == "en" else "en"


def preferred(accept_language: str) -> Language:
    """The language that an `Accept-Language` header would rather read; English on a draw."""
    weights = {language: _weight(accept_language, language) for language in LANGUAGES}
    return "fr" if weights["fr"] > weights["en"] else "en"


def _weight(header: str, language: Language) -> float:
    best = 0.0
    for choice in header.lower().split(","):
        tag, _, weight = choice.partition(";")
        if tag.strip().partition("-")[0] == language:
            best = max(best, _quality(weight))
    return best


def _quality(text: str) -> float:
    name, _, value = text.partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


class Pages:
    """`/` sends the reader to `/en` or `/fr`; `?pause` holds the page still."""

    def __init__(
        self, board: Callable[[], Board], refresh_s: int, halted: Callable[[], bool]
    ) -> None:
        self._board, self._refresh_s, self._halted = board, refresh_s, halted

    def routes(self, app: web.Application) -> None:
        """Add the page and what it needs; nothing comes from elsewhere."""
        app.router.add_get("/", self._choose)
        for language in LANGUAGES:
            app.router.add_get(f"/{language}", partial(self._page, language))
        for name, kind in STATIC.items():
            app.router.add_get(f"/{name}", partial(_static, name, kind))

    async def _choose(self, request: web.Request) -> web.Response:
        language = preferred(request.headers.get("Accept-Language", ""))
        vary = HEADERS | {"Vary": "Accept-Language", "Location": f"/{language}"}
        return web.Response(status=302, headers=vary)

    async def _page(self, language: Language, request: web.Request) -> web.Response:
        refresh = None if "pause" in request.query else self._refresh_s
        text = render(self._board(), language, refresh, halted=self._halted())
        headers = HEADERS | {"Content-Language": f"{language}-CA"}
        return web.Response(text=text, content_type="text/html", headers=headers)


async def _static(name: str, kind: str, _: web.Request) -> web.Response:
    headers = HEADERS | {"Cache-Control": "max-age=3600"}
    return web.Response(text=static_text(name), content_type=kind, headers=headers)


@cache
def static_text(name: str) -> str:
    """A file that pages need, by its name."""
    return (HERE / "static" / name).read_text(encoding="utf-8")
