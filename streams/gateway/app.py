"""The gateway: intake over HTTP, health, metrics and the live page, put together.

`POST /events` is answered only when what it says is stored is durable.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from schemas.board import Board
from schemas.definitions import DEFINITIONS, Definitions
from streams.gateway import definitions
from streams.gateway.access import Access
from streams.gateway.answers import refusal
from streams.gateway.door import Door
from streams.gateway.health import Health
from streams.gateway.page import Pages
from streams.gateway.ports import Metrics
from streams.gateway.settings import Gateway
from streams.gateway.writer import Writer
from streams.logs.port import Log

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_log = logging.getLogger(__name__)


def build(
    settings: Gateway,
    log_factory: Callable[[], Log] | None,
    board: Callable[[], Board] | None,
    clock: Callable[[], int],
    metrics: Metrics,
    ready: Callable[[], str | None] = lambda: None,
    versions: Definitions = DEFINITIONS,
) -> web.Application:
    """The whole gateway as one aiohttp application, or parts of it.

    Args:
        settings: see `Gateway`.
        log_factory: opens the log; called once, in the thread that will write to it. None takes
            no events.
        board: the newest live figures. None shows no pages.
        clock: intake time, UTC milliseconds.
        metrics: counts what happens here, and writes the exposition.
        ready: why somebody else is not ready, or null.
        versions: the definitions that the pages show.

    Raises:
        ValueError: events are taken, no token is set, and `open` is not.
    """
    app = web.Application(client_max_size=settings.body_bytes, middlewares=[_counting(metrics)])
    writer = _intake(app, settings, log_factory, clock, metrics) if log_factory else None
    health = Health(settings, writer, board, clock, ready)
    app.router.add_get("/healthz", health.alive)
    app.router.add_get("/readyz", health.ready)
    app.router.add_get("/metrics", _exposition(metrics, writer))
    if board is not None:
        Pages(board, settings.refresh_s, lambda: health.trouble() is not None).routes(app)
        definitions.routes(app, versions)
    return app


def _intake(
    app: web.Application,
    settings: Gateway,
    log_factory: Callable[[], Log],
    clock: Callable[[], int],
    metrics: Metrics,
) -> Writer:
    access = Access(settings)

    def appended(seconds: float, durable: bool) -> None:
        metrics.appended(seconds, durable=durable)

    writer = Writer(log_factory, clock, settings.pending_bytes, appended)
    door = Door(settings, access, writer, clock, metrics)
    app.cleanup_ctx.append(_running(writer))
    app.router.add_post("/events", door.take, expect_handler=door.expect)
    return writer


def _running(writer: Writer) -> Callable[[web.Application], AsyncIterator[None]]:
    async def run(_: web.Application) -> AsyncIterator[None]:
        await writer.start()
        yield
        await writer.close()

    return run


def _counting(metrics: Metrics) -> Middleware:
    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = await _answered(request, handler)
        resource = request.match_info.route.resource
        metrics.answered(resource.canonical if resource else "none", answer.status)
        return answer

    return count


async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            return error  # a redirection
        answer = refusal(error.status, error.text or error.reason)
        if allowed := error.headers.get("Allow"):
            answer.headers["Allow"] = allowed
        return answer
    except Exception:  # the last line: words for the producer, the trace for us
        _log.exception("%s %s failed", request.method, request.path)
        return refusal(500, "an error of ours; what was sent may be sent again")


def _exposition(metrics: Metrics, writer: Writer | None) -> Handler:
    async def expose(request: web.Request) -> web.Response:
        tail = writer.tail if writer else {}
        text, kind = metrics.exposition(request.headers.get("Accept", ""), tail)
        return web.Response(body=text, headers={"Content-Type": kind})

    return expose
