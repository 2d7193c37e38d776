"""Canonical times: an event as its producer wrote it, rewritten as the log keeps it.

Nothing but instants is touched. Whatever else stands in the text, known or not, stays as it
was written: a number keeps its digits, an unknown field its value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from operator import attrgetter

from msgspec import MsgspecError, Raw
from msgspec.json import decode
from msgspec.json import encode as to_json

from schemas.errors import Malformed
from schemas.event import CANONICAL, NOTHING, Event, decoder, version_of
from schemas.instants import canonical, millis
from schemas.versions import RETIRED, Fields, fields_of, is_old, upcast

INSTANTS = ("promise_from", "promise_until", "period_start", "period_end", "reported_start")
_instants = attrgetter(*INSTANTS)
_NONE = _instants(NOTHING)
_canonical = re.compile(CANONICAL).fullmatch  # $ alone would let a final newline pass


def is_plain(event: Event) -> bool:
    """Whether it is of the present version, and all its instants are canonical."""
    found = _instants(event.data)
    return (
        _canonical(event.time) is not None
        and (found == _NONE or all(_is_instant(text) for text in found if text is not None))
        and not is_old(event)
    )


def _is_instant(text: str) -> bool:
    if not _canonical(text):
        return False
    try:
        millis(text)
    except ValueError:  # the 30th of February, say: `rewrite` will name it
        return False
    return True


def rewrite(raw: bytes, event: Event) -> tuple[bytes, Event]:
    """The same bytes with every instant canonical, and their event at the present version.

    Raises:
        Malformed: an instant is none; the field is named as the producer wrote it.
        msgspec.MsgspecError: not readable.
    """
    fields = fields_of.decode(raw)
    changed = _canonicalise(fields, ("time",), "")
    if "data" in fields:
        data = fields_of.decode(fields["data"])
        retired = RETIRED.get((event.type, version_of(event.dataschema)), ())
        if _canonicalise(data, (*INSTANTS, *retired), "data."):
            fields["data"], changed = Raw(to_json(data)), True
    if changed:
        raw = to_json(fields)
        event = decoder.decode(raw)
    return raw, upcast(event, raw) if is_old(event) else event


def _canonicalise(fields: Fields, names: Iterable[str], path: str) -> bool:
    changed = False
    for name in names:
        text = _text(fields.get(name), path + name)
        exact = None if text is None else _exact(text, path + name)
        if exact != text:
            fields[name], changed = Raw(to_json(exact)), True
    return changed


def _text(value: Raw | None, path: str) -> str | None:
    try:
        return None if value is None else decode(value, type=str | None)
    except MsgspecError as error:
        raise Malformed(path, str(error)) from error


def _exact(text: str, path: str) -> str:
    try:
        return canonical(text)
    except (ValueError, OverflowError) as error:
        raise Malformed(path, f"not an RFC 3339 instant: {error}") from error
