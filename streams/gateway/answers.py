"""What a producer is told: JSON with words, whatever happened."""

from __future__ import annotations

from aiohttp import web
from msgspec import Struct
from msgspec.json import encode as to_json

from streams.gateway.intake import Judged


class Fault(Struct, frozen=True, kw_only=True):
    """One refused event: its place from 0 (null: the whole body), the field, what is wrong."""

    index: int | None
    field: str
    problem: str


class Report(Struct, frozen=True, kw_only=True):
    """The body of every answer about events: all that was stored is durable."""

    stored: int = 0
    rejected: int = 0
    errors: list[Fault] = []


class Complaint(Struct, frozen=True, kw_only=True):
    """The body of every other refusal: nothing is acknowledged."""

    error: str
    stored: int = 0


def report(judged: Judged) -> web.Response:
    """200 if all is stored; 400 for a body that could not be read; 422 if some was refused."""
    faults = [Fault(index=b.index, field=b.field, problem=b.problem) for b in judged.bad]
    told = Report(stored=len(judged.good), rejected=len(faults), errors=faults)
    status = 400 if judged.unreadable else 422 if faults else 200
    return _json(to_json(told), status)


def refusal(status: int, words: str, *, after_s: int | None = None) -> web.Response:
    """A refusal of the whole request, with how many seconds to wait before another."""
    answer = _json(to_json(Complaint(error=words)), status)
    if after_s is not None:
        answer.headers["Retry-After"] = str(after_s)
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _json(body: bytes, status: int) -> web.Response:
    return web.Response(body=body, status=status, content_type="application/json")
