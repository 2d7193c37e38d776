"""Bodies taken apart, without any server."""

from __future__ import annotations

import hashlib

import pytest
from msgspec import json

from streams.gateway.intake import HEAD_BYTES, Judged, TooMany, Unsupported, judge
from tests.gateway.support import BATCH, NOW, SINGLE, at, encoded, event

BINARY = [
    ("ce-specversion", "1.0"),
    ("ce-id", "e1"),
    ("ce-source", "switch"),
    ("ce-type", "contact.arrived"),
    ("ce-time", "2026-01-05T14:00:00.000Z"),
    ("ce-subject", "c1"),
]
DATA = b'{"department":"ircc","channel":"phone"}'


def judged(body: bytes, kind: str = BATCH, most: int = 10, longest: int = 10_000) -> Judged:
    return judge([("Content-Type", kind)], body, NOW, most=most, longest=longest)


def binary(body: bytes, *more: tuple[str, str], kind: str = "application/json") -> Judged:
    headers = [("content-type", kind), *BINARY, *more]
    return judge(headers, body, NOW, most=10, longest=10_000)


def one(**changes: object) -> tuple[str, str]:
    """Field and problem of the one bad event in a batch of two."""
    found = judged(encoded([event(1), event(2, **changes)]))
    assert [key for key, _ in found.good] == ["c1"]
    (bad,) = found.bad
    assert bad.index == 1
    assert not found.unreadable
    return bad.field, bad.problem


@pytest.mark.parametrize(
    ("kind", "body", "keys"),
    [
        (SINGLE, json.encode(event(1)), ["c1"]),
        ("application/json; charset=UTF-8", json.encode(event(1)), ["c1"]),
        ("application/json", b"\n " + encoded([event(1), event(2)]), ["c1", "c2"]),
        (BATCH, encoded([event(1), event(2)]), ["c1", "c2"]),
        (BATCH, b"[]", []),
        (
            "application/x-ndjson",
            json.encode(event(1)) + b"\r\n\n" + json.encode(event(2)),
            ["c1", "c2"],
        ),
    ],
)
def test_every_mode(kind: str, body: bytes, keys: list[str]) -> None:
    found = judged(body, kind)
    assert not found.bad
    assert [key for key, _ in found.good] == keys


def test_the_bytes_of_an_element_stay_as_they_came() -> None:
    raw = json.encode(event(1, extension=[1.50, None])).replace(b",", b" , ")
    (entry,) = judged(b"[ " + raw + b" ]").good
    assert entry == ("c1", raw)


def test_binary_mode() -> None:
    (entry,) = binary(DATA, ("ce-sequence", "007"), ("CE-Note", "%C3%A9t%C3%A9")).good
    stored = json.decode(entry[1])
    assert entry[0] == "c1"
    assert stored["data"] == {"department": "ircc", "channel": "phone"}
    assert (stored["sequence"], stored["note"]) == ("007", "été")


def test_binary_mode_without_data() -> None:
    headers = [*BINARY[:3], ("ce-type", "ivr.entered"), *BINARY[4:]]
    assert judge(headers, b"", NOW, most=1, longest=1_000).good


@pytest.mark.parametrize(
    ("body", "more", "field"),
    [
        (b'{"a":1},"subject":"another"', (), "data"),
        (b'{"a":', (), "data"),
        (b'{"channel":"phone"}', (), "data.department"),
        (DATA, (("ce-id", "again"),), "ce-id"),
        (DATA, (("ce-note", "%FF"),), "ce-note"),
        (DATA, (("ce-data", "{}"),), "ce-data"),
    ],
)
def test_bad_binary_mode(body: bytes, more: tuple[tuple[str, str], ...], field: str) -> None:
    found = binary(body, *more)
    assert not found.good
    assert [bad.field for bad in found.bad] == [field]


def test_a_body_in_binary_mode_is_kept_with_its_headers() -> None:
    (bad,) = binary(b'{"a":').bad
    assert bad.index is None
    assert b"ce-subject: c1\n" in bad.value
    assert bad.value.endswith(b'\n\n{"a":')


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"id": None}, "id", "missing"),
        ({"id": 7}, "id", "Expected `str`"),
        ({"data": []}, "data", "Expected `object`"),
        ({"data": {"channel": "phone"}}, "data.department", "needs it"),
        ({"data": {"department": "ircc", "channel": "fax"}}, "data.channel", "not one of"),
        ({"data": {"department": "ircc", "channel": "phone", "position": -1}}, "data.position", ""),
        ({"time": "yesterday"}, "time", "instant"),
        ({"time": "0001-01-01T00:00:00Z"}, "time", "before"),
        ({"time": "9999-12-31T23:59:59.999Z"}, "time", "ahead"),
        ({"time": at(NOW + 300_001)}, "time", "300001 ms ahead"),
        ({"subject": "a\x00b"}, "subject", "control character"),
        ({"specversion": "0.3"}, "specversion", ""),
    ],
)
def test_a_bad_event_is_named_by_field(changes: dict[str, object], field: str, words: str) -> None:
    found, problem = one(**changes)
    assert found == field
    assert words in problem


def test_an_unknown_type_is_taken() -> None:
    assert judged(encoded([event(1, type="tea.made", data=None)])).good


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[",
        encoded([event(1)])[:-9],
        b"[1,]",
        b"null",
        b"{}",
        b"\x00\x01\x02",
        "[]".encode("utf-16"),
        b"\xef\xbb\xbf[]",
        b"[" * 100_000,
        encoded([event(1)]) + b"x",
    ],
)
def test_a_body_that_cannot_be_taken_apart(body: bytes) -> None:
    found = judged(body)
    assert found.unreadable
    assert not found.good
    (bad,) = found.bad
    assert bad.problem
    assert bad.value == body


def test_wrong_encoding_anywhere_in_an_event() -> None:
    body = encoded([event(1), event(2, unknown="?")]).replace(b'"?"', b'"\xe9t\xe9"')
    found = judged(body)
    assert [key for key, _ in found.good] == ["c1"]
    assert "UTF-8" in found.bad[0].problem


def test_deep_nesting_spoils_one_event_only() -> None:
    deep = json.encode(event(2)).replace(b'"data"', b'"x":' + b"[" * 900 + b"]" * 900 + b',"data"')
    deeper = deep.replace(b"[" * 900 + b"]" * 900, b"[" * 4_000 + b"]" * 4_000)
    found = judged(json.encode(event(1)) + b"\n" + deeper, "application/x-ndjson")
    assert [key for key, _ in found.good] == ["c1"]
    assert [bad.index for bad in found.bad] == [1]


def test_limits() -> None:
    with pytest.raises(TooMany, match="3 events"):
        judged(encoded(event(n) for n in range(3)), most=2)
    found = judged(encoded([event(1), event(2, note="x" * 500)]), longest=400)
    assert [key for key, _ in found.good] == ["c1"]
    assert "may have 400" in found.bad[0].problem


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/xml", "application/json; charset=iso-8859-1"],
)
def test_unsupported(kind: str) -> None:
    with pytest.raises(Unsupported, match="content-type"):
        judged(b"[]", kind)


def test_unsupported_data() -> None:
    with pytest.raises(Unsupported, match="must be JSON"):
        binary(b"<a/>", kind="application/xml")


def test_a_dead_letter_keeps_reason_head_hash_and_size() -> None:
    value = b"\x00\xff" * HEAD_BYTES
    (bad,) = judged(value).bad
    key, stored = bad.letter(NOW, "switch")
    letter = json.decode(stored)
    assert key == letter["sha256"] == hashlib.sha256(value).hexdigest()
    assert letter["size"] == 2 * HEAD_BYTES
    assert letter["reason"] == "unreadable"
    assert letter["producer"] == "switch"
    assert letter["received_ms"] == NOW
    assert json.decode(json.encode(letter["head"]), type=bytes) == value[:HEAD_BYTES]
