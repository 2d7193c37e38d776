"""Numbers that came and were refused: what dead letters say of gaps."""

from __future__ import annotations

import re
from collections import defaultdict

import msgspec
from msgspec import Struct

from schemas.letters import Letter
from schemas.topics import DEAD_LETTERS
from streams.logs.port import Log

_BATCH = 10_000
_SOURCE = re.compile(rb'"source"\s*:\s*("(?:[^"\\]|\\.)*")')
_SEQUENCE = re.compile(rb'"sequence"\s*:\s*"?0*([0-9]{1,38})["\s,}]')


class _Head(Struct):
    source: object = None
    sequence: object = None


def refused(log: Log) -> dict[str, set[int]]:
    """By source, the numbers that dead letters carry, as far as their heads tell."""
    found: dict[str, set[int]] = defaultdict(set)
    for partition in range(log.partitions):
        start, end = log.bounds(DEAD_LETTERS, partition)
        while start < end:
            rows = log.read(DEAD_LETTERS, partition, start, _BATCH)
            for row in rows:
                source, number = numbered(msgspec.json.decode(row.value, type=Letter).head)
                if source is not None and number is not None:
                    found[source].add(number)
            start += len(rows) or end
    return found


def numbered(head: bytes) -> tuple[str | None, int | None]:
    """The source and the number of the one event that a head begins; null where it tells none.

    A head that is cut off, or is no JSON, is searched: where it names one source and one number.
    """
    try:
        event = msgspec.json.decode(head, type=_Head)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _searched(head)
    return event.source if isinstance(event.source, str) else None, _number(event.sequence)


def _number(sequence: object) -> int | None:
    text = str(sequence) if isinstance(sequence, str | int) else ""
    return int(text) if re.fullmatch("0*[0-9]{1,38}", text, re.ASCII) else None


def _searched(head: bytes) -> tuple[str | None, int | None]:
    sources, numbers = _SOURCE.findall(head), _SEQUENCE.findall(head)
    if len(sources) != 1 or len(numbers) != 1:
        return None, None
    try:
        return msgspec.json.decode(sources[0], type=str), int(numbers[0])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None, None
