"""Instants: fixed-width text whose order is the order of time, and whole milliseconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas import instants
from schemas.event import CANONICAL
from schemas.instants import HOUR, canonical, instant, millis

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = 253_402_300_799_999  # 9999-12-31T23:59:59.999Z
EARLIEST = -62_135_596_800_000  # 0001-01-01T00:00:00.000Z
moments = st.integers(EARLIEST, LATEST)
offsets = st.integers(-23 * 60, 23 * 60).map(lambda m: timezone(timedelta(minutes=m)))


@given(moments)
@example(EARLIEST)
@example(LATEST)
@example(-1)
def test_instants_round_trip(ms: int) -> None:
    text = instant(ms)
    assert re.fullmatch(CANONICAL, text)
    assert millis(text) == ms
    assert canonical(text) == text


@given(moments, moments)
def test_the_order_of_the_text_is_the_order_of_time(one: int, other: int) -> None:
    assert (instant(one) < instant(other)) == (one < other)


@given(st.datetimes(timezones=offsets).filter(lambda moment: 1 < moment.year < 9999))
def test_canonical_floors_to_the_millisecond_in_any_zone(moment: datetime) -> None:
    assert millis(canonical(moment.isoformat())) == (moment - EPOCH) // timedelta(milliseconds=1)


def test_canonical_floors_before_1970_too() -> None:
    assert canonical("1969-12-31T23:59:59.9999Z") == "1969-12-31T23:59:59.999Z"
    assert canonical("1969-12-31T23:59:59.0001Z") == "1969-12-31T23:59:59.000Z"


@pytest.mark.parametrize("text", ["2026-01-05T14:00:00.000", "2026-01-05", ""])
def test_an_instant_needs_a_time_and_an_offset(text: str) -> None:
    with pytest.raises(ValueError, match=r"offset from UTC|isoformat"):
        canonical(text)


@pytest.mark.parametrize(
    "text", ["20260105T140000Z", "2026-01-05 14:00:00Z", "2026-W02-1T14:00:00Z", "2026-01-05T14Z"]
)
def test_of_iso_8601_only_rfc_3339_is_an_instant(text: str) -> None:
    with pytest.raises(ValueError, match="not RFC 3339"):
        canonical(text)


def test_what_millis_remembers_is_bounded() -> None:
    start = millis("1970-01-01T00:00:00.000Z")
    for hour in range(100_002):
        assert millis(instant(start + hour * HOUR)) == hour * HOUR
    assert len(instants._minutes) <= 100_001
    assert millis("1970-01-01T01:02:03.004Z") == HOUR + 123_004
