from __future__ import annotations

import json
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import Stop
from sinks.archive.entry import Entry, Tail, canonical, digest, parse
from sinks.archive.layout import Chain, chain_of, seq_of, staged_as, start_of

ENTRY = Entry(
    seq=42,
    log_id="log-1",
    topic="contact.events.v1",
    partition=0,
    start=10,
    next=15,
    first_offset=11,
    last_offset=14,
    rows=3,
    holes=[(10, 11), (12, 13)],
    min_time_ms=None,
    max_time_ms=None,
    min_intake_ms=5,
    max_intake_ms=7,
    file="data/x.parquet",
    bytes=9,
    sha256="0" * 64,
    records_root="1" * 64,
    schema_id="urn:x",
    writer="wörter €",
    writer_version="1",
    counts={"": 1, "contact.arrived": 2},
    sums={"seconds": str(2**70)},
    prev="2" * 64,
)


def test_an_entry_has_sorted_names_and_no_spaces() -> None:
    raw = canonical(ENTRY)
    assert list(json.loads(raw)) == sorted(json.loads(raw))
    assert b'"holes":[[10,11],[12,13]]' in raw
    assert '"writer":"wörter €"'.encode() in raw
    assert raw.startswith(b'{"bytes":9,"continues":null,"counts":{"":1,"contact.arrived":2},')


def test_an_entry_reads_back_and_names_its_hash() -> None:
    assert parse(canonical(ENTRY)) == ENTRY
    assert digest(ENTRY) == sha256(canonical(ENTRY)).hexdigest()
    first = msgspec.structs.replace(
        ENTRY, seq=0, prev=None, continues=Tail(log_id="old", seq=3, sha256="4" * 64)
    )
    assert parse(canonical(first)) == first


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda raw: raw[:-1], "truncated"),
        (lambda raw: b"", "truncated"),
        (lambda raw: raw + b"\n", "canonical"),
        (lambda raw: raw.replace(b'"seq":42', b'"seq": 42'), "canonical"),
        (lambda raw: raw.replace(b'"seq":42', b'"seq":42.0'), "seq"),
        (lambda raw: raw.replace(b'"seq":42', b'"seq":-1'), "seq"),
        (lambda raw: raw.replace(b'"seq":42,', b""), "seq"),
        (lambda raw: raw.replace(b'"seq":42', b'"seq":"42"'), "seq"),
        (lambda raw: raw.replace(b'"seq":42', b'"seq":42,"sex":1'), "sex"),
        (lambda raw: raw.replace(b'"version":1', b'"version":2'), "version 2"),
        (lambda raw: raw.replace(b'"bytes":9', b'"bytes":90071992547409920'), "not a commit"),
        (lambda raw: raw.replace("ö".encode(), b"\xff"), "not a commit"),
        (lambda raw: raw.replace(b'"prev":"22', b'"prev":"2x'), "prev"),
    ],
)
def test_anything_else_is_refused_in_words(change: object, what: str) -> None:
    assert callable(change)
    with pytest.raises(Stop, match=what):
        parse(change(canonical(ENTRY)))


@given(st.integers(0, len(canonical(ENTRY)) - 1), st.integers(0, 255))
def test_one_changed_byte_is_another_entry_or_none(at: int, byte: int) -> None:
    raw = bytearray(canonical(ENTRY))
    raw[at] = byte
    try:
        assert (parse(bytes(raw)) == ENTRY) == (bytes(raw) == canonical(ENTRY))
    except Stop:
        assert bytes(raw) != canonical(ENTRY)


def test_paths_and_back() -> None:
    chain = Chain("log-1", "contact.events.v1", 3)
    assert chain.entry(42) == "log/log=log-1/topic=contact.events.v1/partition=3/000000000042.json"
    assert chain.data(12_345_678, 1_790_726_400_000) == (
        "data/log=log-1/topic=contact.events.v1/partition=3/ingest_month=2026-09/"
        "00000000000012345678.parquet"
    )
    assert chain_of(str(chain)) == chain
    assert chain_of("log=../topic=x/partition=0") == Chain("..", "x", 0)  # a harmless `log=..`
    assert chain_of("log=a b/topic=x/partition=0") is None
    assert chain_of("log=a/topic=x/partition=00") is None
    assert (seq_of("000000000042.json"), seq_of("42.json")) == (42, None)
    staged = chain.staged(7, "a" * 64, 0, "parquet")
    assert start_of(staged.rpartition("/")[2]) == 7
    assert start_of("7.parquet") is None
    assert staged_as(7, "a" * 64) == "00000000000000000007-" + "a" * 64 + ".*.parquet"


@pytest.mark.parametrize(("log_id", "topic"), [("a/b", "x"), ("", "x"), ("a", "x=y"), ("é", "x")])
def test_a_name_that_is_no_folder_is_refused(log_id: str, topic: str) -> None:
    with pytest.raises(ValueError, match="cannot be a folder"):
        Chain(log_id, topic, 0)
