"""Rates and tokens, with the time as an argument."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import ValidationError, convert

from streams.gateway.access import Access
from streams.gateway.limits import Bucket
from streams.gateway.settings import Gateway
from tests.gateway.support import NOW, TOKEN


def test_a_bucket_refills_at_its_rate() -> None:
    empty = Bucket.full(10, 20, NOW).spend(20, NOW)
    assert empty.wait_ms(NOW) > 0
    assert empty.wait_ms(NOW + 1) == 0
    assert empty.spend(5, NOW).wait_ms(NOW) == 501
    assert empty.spend(5, NOW).wait_ms(NOW + 500) == 1
    assert empty.spend(5, NOW).wait_ms(NOW + 501) == 0


def test_a_batch_above_the_burst_passes_and_is_paid_for() -> None:
    spent = Bucket.full(10, 20, NOW).spend(120, NOW)
    assert spent.wait_ms(NOW) == 10_001
    assert spent.wait_ms(NOW + 10_001) == 0


def test_a_long_silence_saves_up_no_more_than_the_burst() -> None:
    later = NOW + 3_600_000
    assert Bucket.full(10, 20, NOW).spend(20, later).wait_ms(later) > 0


def test_a_clock_that_steps_back_gives_nothing() -> None:
    empty = Bucket.full(10, 20, NOW).spend(20, NOW).spend(1, NOW - 60_000)
    assert empty.at_ms == NOW
    assert empty.wait_ms(NOW) == 101


@given(
    st.lists(st.tuples(st.integers(0, 3_000), st.integers(1, 50)), max_size=50),
    st.integers(1, 100),
    st.integers(1, 100),
)
def test_no_more_than_burst_rate_and_one_batch(
    requests: list[tuple[int, int]], rate: int, burst: int
) -> None:
    bucket, now, taken = Bucket.full(rate, burst, 0), 0, 0
    for passed, events in requests:
        now += passed
        if bucket.wait_ms(now) == 0:
            bucket, taken = bucket.spend(events, now), taken + events
    assert taken <= burst + rate * now / 1000 + 50


def test_tokens() -> None:
    access = Access(Gateway(tokens={"switch": TOKEN, "mail": "another-token-here"}))
    assert access.producer(f"Bearer {TOKEN}") == "switch"
    assert access.producer("bearer another-token-here") == "mail"
    for wrong in (
        "",
        "Bearer",
        "Bearer ",
        f"Basic {TOKEN}",
        TOKEN,
        f"Bearer {TOKEN}x",
        "Bearer \udcff",
    ):
        assert access.producer(wrong) is None


def test_each_token_has_a_bucket_of_its_own() -> None:
    settings = Gateway(tokens={"a": TOKEN}, events_per_second=1, burst_events=1)
    access = Access(settings)
    access.spend("a", 5, NOW)
    assert access.wait_ms("a", NOW) > 0
    assert access.wait_ms("b", NOW) == 0


def test_without_a_token_it_does_not_start() -> None:
    with pytest.raises(ValueError, match="open = true"):
        Access(Gateway())
    assert Access(Gateway(open=True)).producer("") == ""


@pytest.mark.parametrize(
    "section", [{"tokens": {"a": "short"}}, {"body_bytes": 0}, {"port": 70_000}, {"typo": 1}]
)
def test_settings_are_checked(section: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        convert(section, Gateway)


def test_every_setting_is_documented() -> None:
    words = Gateway.__doc__ or ""
    assert all(f"        {name}: " in words for name in Gateway.__struct_fields__)
