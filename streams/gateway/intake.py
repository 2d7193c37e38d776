"""Intake, free of any framework: a body is taken apart and every event judged by itself.

The good events of a batch are stored and the bad ones kept as dead letters. Sending the whole
batch again is harmless, because the fold counts an event of the same source and id once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

import msgspec
from msgspec import Raw
from msgspec.json import Decoder
from msgspec.json import encode as to_json

from schemas.admission import admit
from schemas.errors import DeadLetter, Malformed
from schemas.letters import Letter

HEAD_BYTES = 4096
SINGLE = ("application/cloudevents+json",)
BATCH = ("application/cloudevents-batch+json",)
LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl")
JSON = ("application/json",)  # one or many, as its first character says

Headers = Sequence[tuple[str, str]]
Entry = tuple[str, bytes]
Unjudged = tuple[int, bytes]

_array: Decoder[list[Raw]] = Decoder(list[Raw])
_value: Decoder[Raw] = Decoder(Raw)
_UNREADABLE = (msgspec.MsgspecError, RecursionError)


class Unsupported(DeadLetter):
    """The content type, its charset or the mode of the body is none that is understood."""


class TooMany(DeadLetter):
    """More events in one body than the settings allow; none was taken."""


@dataclass(frozen=True, slots=True)
class Bad:
    """One refused event: its place in the body (null: the body as a whole) and the reason."""

    index: int | None
    field: str
    problem: str
    value: bytes

    def letter(self, received_ms: int, producer: str) -> Entry:
        """Key and value for the dead-letter topic."""
        digest = hashlib.sha256(self.value).hexdigest()
        letter = Letter(
            reason="unreadable" if self.index is None else "invalid",
            field=self.field,
            problem=self.problem,
            received_ms=received_ms,
            producer=producer,
            sha256=digest,
            size=len(self.value),
            head=self.value[:HEAD_BYTES],
        )
        return digest, to_json(letter)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a body held: events ready for the log, as (key, bytes), and the refused ones."""

    good: list[Entry]
    bad: list[Bad]

    @property
    def unreadable(self) -> bool:
        """Whether the body could not even be taken apart."""
        return any(bad.index is None for bad in self.bad)


def judge(headers: Headers, body: bytes, now: int, *, most: int, longest: int) -> Judged:
    """Take a body apart and admit each of its events.

    Args:
        headers: of the request, as they came; the content type, and `ce-*` in binary mode.
        body: all of it.
        now: the intake's clock, in milliseconds.
        most: events allowed in a body.
        longest: bytes allowed in an event.

    Raises:
        Unsupported: a content type or charset that is not understood.
        TooMany: more than `most` events.
    """
    try:
        parts = list(_split(_fold(headers), body))
    except Malformed as error:
        return Judged([], [Bad(None, error.field, error.problem, _message(headers, body))])
    if len(parts) > most:
        msg = f"{len(parts)} events in one body; at most {most} are taken"
        raise TooMany(msg)
    return _admit(parts, now, longest)


def _admit(parts: Iterable[Unjudged], now: int, longest: int) -> Judged:
    judged = Judged([], [])
    for index, raw in parts:
        try:
            _check(raw, longest)
            event, kept = admit(raw, now)
        except Malformed as error:
            judged.bad.append(Bad(index, error.field, error.problem, raw))
        else:
            judged.good.append((event.subject, kept))
    return judged


def _check(raw: bytes, longest: int) -> None:
    if len(raw) > longest:
        raise Malformed("", f"{len(raw)} bytes; an event may have {longest}")
    if raw.isascii():
        return
    try:
        raw.decode()  # the decoder skips unknown fields without looking at their encoding
    except UnicodeDecodeError as error:
        raise Malformed("", f"not UTF-8 at byte {error.start}") from error


def _fold(headers: Headers) -> dict[str, str]:
    folded: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        if key in folded and key.startswith("ce-"):
            raise Malformed(key, "is given twice")
        folded[key] = value
    return folded


def _split(headers: Mapping[str, str], body: bytes) -> Iterable[Unjudged]:
    kind = _content_type(headers.get("content-type", ""))
    if kind in SINGLE:
        return [(0, body)]
    if kind in BATCH:
        return _elements(body)
    if any(name.startswith("ce-") for name in headers):
        return [(0, _from_headers(headers, kind, body))]
    if kind in LINES:
        return [(n, line) for n, line in enumerate(body.split(b"\n")) if line.strip()]
    if kind in JSON:
        return _elements(body) if body.lstrip()[:1] == b"[" else [(0, body)]
    msg = f"content-type: {kind or 'none'} is not one of {', '.join(SINGLE + BATCH + JSON + LINES)}"
    raise Unsupported(msg)


def _message(headers: Headers, body: bytes) -> bytes:
    """What to keep of a body that cannot be taken apart: in binary mode, its headers too."""
    lines = [f"{name}: {value}\n" for name, value in headers if name.lower().startswith("ce-")]
    head = "".join(lines).encode("utf-8", "surrogateescape")
    return head + b"\n" + body if lines else body


def _content_type(text: str) -> str:
    kind, *parameters = (part.strip().lower() for part in text.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip(' "') not in ("utf-8", "utf8", "us-ascii"):
            msg = f"content-type: charset {value} is not utf-8"
            raise Unsupported(msg)
    return kind


def _elements(body: bytes) -> list[Unjudged]:
    """Every element of a JSON array with its own bytes, untouched."""
    try:
        return [(index, bytes(raw)) for index, raw in enumerate(_array.decode(body))]
    except _UNREADABLE as error:
        raise Malformed("", str(error)) from error


def _from_headers(headers: Mapping[str, str], kind: str, body: bytes) -> bytes:
    """Binary mode: attributes in `ce-*` headers, the body is the event's data."""
    fields: dict[str, object] = {
        name[3:]: _header(name, value) for name, value in headers.items() if name[:3] == "ce-"
    }
    if "data" in fields:
        raise Malformed("ce-data", "data belong in the body")
    if body.strip():
        if kind not in JSON and not kind.endswith("+json"):
            msg = f"content-type: data must be JSON, not {kind or 'of no type'}"
            raise Unsupported(msg)
        fields |= {"datacontenttype": kind, "data": _data(body)}
    return to_json(fields)


def _header(name: str, value: str) -> str:
    try:
        return unquote_to_bytes(value.encode("utf-8", "surrogateescape")).decode()
    except UnicodeDecodeError as error:
        raise Malformed(name, "is not UTF-8") from error


def _data(body: bytes) -> Raw:
    """The body as one JSON value, so that it cannot reach beyond its own field."""
    try:
        return _value.decode(body)
    except _UNREADABLE as error:
        raise Malformed("data", str(error)) from error
