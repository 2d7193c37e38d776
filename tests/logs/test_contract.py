"""What every log promises. A new implementation joins with one entry in `KINDS`.

Kafka's needs a broker, so it joins in tests/kafka/test_log.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from schemas.errors import Stop
from schemas.rows import Row
from schemas.topics import DEAD_LETTERS, EVENTS, partition_of
from streams.logs.memory import MemoryLog
from streams.logs.port import Log
from streams.logs.sqlite import SqliteLog

PARTITIONS = 3
NOW = 1_767_621_600_000

#: Opens one and the same log each time it is called.
Opener = Callable[[], Log]


class Kind(NamedTuple):
    """An implementation.

    Attributes:
        new: makes a new, empty log of `PARTITIONS` partitions.
        forget: makes it forget the rows of a partition below an offset.
        clock: whether intake times are its own.
        examples: how often it is compared with a plain model.
    """

    new: Callable[[Path], Opener]
    forget: Callable[[Log, int, int], None]
    clock: bool = False
    examples: int = 20


def memory(directory: Path) -> Opener:
    log = MemoryLog(partitions=PARTITIONS, log_id=str(directory))
    return lambda: log


def sqlite(directory: Path) -> Opener:
    return partial(SqliteLog, directory / "log.db", partitions=PARTITIONS)


def trim(log: Log, partition: int, below: int) -> None:
    log.trim(EVENTS, partition, below)


KINDS = {"memory": Kind(memory, trim), "sqlite": Kind(sqlite, trim)}


@pytest.fixture(params=list(KINDS.values()), ids=list(KINDS))
def kind(request: pytest.FixtureRequest) -> Kind:
    made: Kind = request.param
    return made


@pytest.fixture
def reopen(kind: Kind, tmp_path: Path) -> Opener:
    return kind.new(tmp_path)


@pytest.fixture
def log(reopen: Opener) -> Iterator[Log]:
    with closing(reopen()) as log:
        yield log


def keys_of(partition: int, n: int) -> list[str]:
    fitting = (key for key in map(str, count()) if partition_of(key, PARTITIONS) == partition)
    return [next(fitting) for _ in range(n)]


def append(log: Log, partition: int, *values: bytes, now: int = NOW) -> list[tuple[int, int]]:
    key = keys_of(partition, 1)[0]
    return log.append(EVENTS, [(key, value) for value in values], now)


def values(rows: list[Row]) -> list[bytes]:
    return [row.value for row in rows]


def test_a_new_log_is_empty(log: Log) -> None:
    assert log.partitions == PARTITIONS
    assert log.log_id
    assert log.bounds(EVENTS, 0) == (0, 0)
    assert log.read(EVENTS, 0, 0, 10) == []


def taken(kind: Kind, rows: list[Row], expected: list[int]) -> bool:
    """Whether rows came in at the times expected; or, in the order of their own clock."""
    times = [row.intake_ms for row in rows]
    return times == sorted(times) if kind.clock else times == expected


def test_a_row_comes_back_as_it_was_appended(kind: Kind, log: Log) -> None:
    key = keys_of(1, 1)[0]
    assert log.append(EVENTS, [(key, b"\x00\xff")], NOW) == [(1, 0)]
    (row,) = log.read(EVENTS, 1, 0, 10)
    assert row == Row(0, row.intake_ms if kind.clock else NOW, key, b"\x00\xff")
    assert isinstance(row, Row)


def test_positions_are_in_the_order_of_the_entries(log: Log) -> None:
    first, second = keys_of(0, 2)
    other = keys_of(2, 1)[0]
    entries = [(first, b"a"), (other, b"b"), (second, b"c"), (first, b"d")]
    assert log.append(EVENTS, entries, NOW) == [(0, 0), (2, 0), (0, 1), (0, 2)]
    assert values(log.read(EVENTS, 0, 0, 10)) == [b"a", b"c", b"d"]


def test_nothing_to_append(log: Log) -> None:
    assert log.append(EVENTS, [], NOW) == []
    assert log.bounds(EVENTS, 0) == (0, 0)


def test_a_batch_of_many(log: Log) -> None:
    many = [b"%d" % i for i in range(2_345)]
    assert append(log, 0, *many) == [(0, i) for i in range(2_345)]
    append(log, 0, b"last")
    assert values(log.read(EVENTS, 0, 0, 10_000)) == [*many, b"last"]
    assert values(log.read(EVENTS, 0, 998, 1_005)) == many[998:2_003]
    assert [row.offset for row in log.read(EVENTS, 0, 1_999, 2)] == [1_999, 2_000]


def test_reading_with_a_limit(kind: Kind, log: Log) -> None:
    append(log, 0, b"a", b"b")
    append(log, 0, b"c", now=NOW + 1)
    assert values(log.read(EVENTS, 0, 1, 1)) == [b"b"]
    assert values(log.read(EVENTS, 0, 1, 2)) == [b"b", b"c"]
    assert taken(kind, log.read(EVENTS, 0, 1, 9), [NOW, NOW + 1])
    assert log.read(EVENTS, 0, 1, 0) == []


def test_the_tail_is_empty(log: Log) -> None:
    append(log, 0, b"a")
    assert log.read(EVENTS, 0, 1, 10) == []


def test_a_position_the_log_never_gave_is_a_contradiction(log: Log) -> None:
    append(log, 0, b"a")
    with pytest.raises(Stop, match="2 was asked for"):
        log.read(EVENTS, 0, 2, 10)


def test_a_partition_that_does_not_exist(log: Log) -> None:
    for partition in (-1, PARTITIONS):
        with pytest.raises(Stop, match="partitions 0 to 2"):
            log.read(EVENTS, partition, 0, 10)
        with pytest.raises(Stop, match="partitions 0 to 2"):
            log.bounds(EVENTS, partition)


def test_topics_do_not_mix(log: Log) -> None:
    append(log, 0, b"a")
    assert log.bounds(DEAD_LETTERS, 0) == (0, 0)
    key = keys_of(0, 1)[0]
    assert log.append(DEAD_LETTERS, [(key, b"bad")], NOW) == [(0, 0)]
    assert values(log.read(EVENTS, 0, 0, 10)) == [b"a"]


def test_a_trimmed_row_cannot_be_read(kind: Kind, log: Log) -> None:
    append(log, 0, b"a", b"b", b"c")
    kind.forget(log, 0, 2)
    assert log.bounds(EVENTS, 0) == (2, 3)
    assert values(log.read(EVENTS, 0, 2, 10)) == [b"c"]
    with pytest.raises(Stop, match="holds 2 to 3, 1 was asked for"):
        log.read(EVENTS, 0, 1, 10)


def test_bounds_never_go_backwards(kind: Kind, log: Log) -> None:
    append(log, 0, b"a", b"b", b"c")
    kind.forget(log, 0, 2)
    kind.forget(log, 0, 1)
    assert log.bounds(EVENTS, 0) == (2, 3)


def test_no_offset_is_given_twice(kind: Kind, log: Log, reopen: Opener) -> None:
    append(log, 0, b"a", b"b")
    kind.forget(log, 0, 99)
    assert log.bounds(EVENTS, 0) == (2, 2)
    log.close()
    again = reopen()
    assert append(again, 0, b"c") == [(0, 2)]
    assert values(again.read(EVENTS, 0, 2, 10)) == [b"c"]
    again.close()


def test_trimming_what_was_never_written(kind: Kind, log: Log) -> None:
    kind.forget(log, 0, 5)
    assert log.bounds(EVENTS, 0) == (0, 0)


def test_the_identity_is_for_life(log: Log, reopen: Opener) -> None:
    identity = log.log_id
    append(log, 0, b"a")
    log.close()
    again = reopen()
    assert again.log_id == identity
    assert values(again.read(EVENTS, 0, 0, 10)) == [b"a"]
    again.close()


def test_closing_twice(log: Log) -> None:
    log.close()
    log.close()


class AgainstModel(RuleBasedStateMachine):
    """The log beside a list for each partition and the first offset still held."""

    def __init__(self, kind: Kind, reopen: Opener) -> None:
        super().__init__()
        self.kind, self.reopen = kind, reopen
        self.log = reopen()
        self.rows: list[list[Row]] = [[] for _ in range(PARTITIONS)]
        self.held = [0] * PARTITIONS
        self.now = NOW

    @rule(entries=st.lists(st.tuples(st.text(max_size=3), st.binary(max_size=5)), max_size=12))
    def append(self, entries: list[tuple[str, bytes]]) -> None:
        self.now += 1
        expected = []
        for key, value in entries:
            partition = partition_of(key, PARTITIONS)
            rows = self.rows[partition]
            expected.append((partition, len(rows)))
            rows.append(Row(len(rows), self.now, key, value))
        assert self.log.append(EVENTS, entries, self.now) == expected

    @rule(partition=st.integers(0, PARTITIONS - 1), ago=st.integers(0, 9), limit=st.integers(0, 9))
    def read(self, partition: int, ago: int, limit: int) -> None:
        start = max(0, len(self.rows[partition]) - ago)
        if start < self.held[partition]:
            with pytest.raises(Stop):
                self.log.read(EVENTS, partition, start, limit)
        else:
            expected = self.rows[partition][start : start + limit]
            self.same(self.log.read(EVENTS, partition, start, limit), expected)

    @rule(partition=st.integers(0, PARTITIONS - 1), ago=st.integers(-1, 9))
    def trim(self, partition: int, ago: int) -> None:
        tail = len(self.rows[partition])
        self.kind.forget(self.log, partition, tail - ago)
        self.held[partition] = max(self.held[partition], min(tail, tail - ago))

    @rule()
    def close_and_open(self) -> None:
        self.log.close()
        self.log = self.reopen()

    @invariant()
    def same_bounds(self) -> None:
        for partition, rows in enumerate(self.rows):
            assert self.log.bounds(EVENTS, partition) == (self.held[partition], len(rows))

    def teardown(self) -> None:
        for partition, held in enumerate(self.held):
            kept = self.log.read(EVENTS, partition, held, 10_000)
            self.same(kept, self.rows[partition][held:])
        self.log.close()

    def same(self, found: list[Row], expected: list[Row]) -> None:
        assert taken(self.kind, found, [row.intake_ms for row in expected])
        assert [row._replace(intake_ms=0) for row in found] == [
            row._replace(intake_ms=0) for row in expected
        ]


def test_against_a_plain_model(kind: Kind, tmp_path: Path) -> None:
    places = (tmp_path / str(n) for n in count())

    class OfThisKind(AgainstModel):
        def __init__(self) -> None:
            place = next(places)
            place.mkdir()
            super().__init__(kind, kind.new(place))

    few = settings(
        max_examples=kind.examples,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    run_state_machine_as_test(OfThisKind, settings=few)
