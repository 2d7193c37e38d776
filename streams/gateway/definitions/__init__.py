"""The definitions page: every measure, calendar and standard, from the rows themselves.

The same page in two forms: served beside the live page, and written as files that need nothing
else.
"""

from __future__ import annotations

from functools import cache, partial

from aiohttp import web

from schemas.definitions import DEFINITIONS, Definitions
from streams.gateway.definitions.example import example
from streams.gateway.definitions.measures import sections
from streams.gateway.definitions.tables import promises, sites
from streams.gateway.definitions.words import say
from streams.gateway.page import HEADERS, other_than, static_text, template
from streams.gateway.typography import LANGUAGES, Language

STYLES = ("style.css", "definitions.css")


@cache
def render(language: Language, alone: bool, definitions: Definitions = DEFINITIONS) -> str:
    """The page as HTML; `alone`, with its style within, and beside the other language's file.

    `definitions` are the versions that there are: those of the package, or of a data folder.
    """
    other = other_than(language)
    return template("definitions.html").render(
        say=partial(say, language),
        language=language,
        other=other,
        elsewhere=file_name(other) if alone else f"/{other}/definitions",
        live="" if alone else f"/{language}",
        styles=[] if alone else [f"/{name}" for name in STYLES],
        style="\n".join(map(static_text, STYLES)) if alone else "",
        sections=sections(language, definitions),
        example=example(language),
        sites=sites(language),
        promises=promises(language),
    )


def file_name(language: Language) -> str:
    """The name of the page that stands alone."""
    return f"definitions.{language}.html"


def routes(app: web.Application, definitions: Definitions = DEFINITIONS) -> None:
    """Add `/en/definitions` and `/fr/definitions`."""
    for language in LANGUAGES:
        app.router.add_get(f"/{language}/definitions", partial(_page, language, definitions))


async def _page(language: Language, definitions: Definitions, _: web.Request) -> web.Response:
    headers = HEADERS | {"Cache-Control": "max-age=3600", "Content-Language": f"{language}-CA"}
    text = render(language, alone=False, definitions=definitions)
    answer = web.Response(text=text, content_type="text/html", headers=headers)
    answer.enable_compression()
    return answer
