"""Following files that grow, through every way of rotating them."""

from __future__ import annotations

import gzip
import logging
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.sources.follow import POLL_S, follow
from streams.sources.port import LONGEST_LINE

Step = Callable[[], object]


class Script:
    """The wait of a follower: does the next step whenever there is nothing new, then stops."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = iter(steps)

    def __call__(self, seconds: float) -> bool:
        if not seconds:
            return True
        assert seconds == POLL_S
        step = next(self._steps, None)
        if step is not None:
            step()
        return step is not None


def follow_all(paths: Sequence[Path], *steps: Step) -> list[bytes]:
    return [line for batch in follow(paths, Script(steps)) for line in batch.lines]


def add(path: Path, text: bytes) -> None:
    with path.open("ab") as file:
        file.write(text)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "queue_log"
    path.write_bytes(b"1\n2\n")
    return path


def test_what_is_there_and_what_is_added(log: Path) -> None:
    told = follow_all([log], lambda: add(log, b"3\n"), lambda: None, lambda: add(log, b"4\r\n\n"))
    assert told == [b"1\n", b"2\n", b"3\n", b"4\r\n", b"\n"]


def test_a_last_line_without_an_end_is_waited_for(log: Path) -> None:
    told = follow_all(
        [log], lambda: add(log, b"3"), lambda: add(log, b"4"), lambda: add(log, b"5\n6")
    )
    assert told == [b"1\n", b"2\n", b"345\n"]


def test_a_batch_says_where_it_begins(log: Path) -> None:
    names = [batch.name for batch in follow([log], Script([lambda: add(log, b"3\n")]))]
    assert names == ["queue_log@0", "queue_log@4"]


def test_it_stops_between_batches(log: Path) -> None:
    assert [batch.lines for batch in follow([log], lambda seconds: False)] == [[b"1\n", b"2\n"]]


def rotate(log: Path, more: bytes = b"") -> None:
    """Rename and create."""
    log.rename(log.with_name("queue_log.1"))
    log.write_bytes(more)


def test_renamed_and_made_anew(log: Path) -> None:
    told = follow_all([log], lambda: rotate(log, b"3\n"), lambda: add(log, b"4\n"))
    assert told == [b"1\n", b"2\n", b"3\n", b"4\n"]


def test_what_is_written_to_the_old_file_before_its_writer_changes_over(log: Path) -> None:
    old = log.with_name("queue_log.1")

    def change_over() -> None:
        add(old, b"4\n5")
        add(log, b"6\n")

    told = follow_all(
        [log],
        lambda: rotate(log),
        lambda: add(old, b"3\n"),
        lambda: None,
        change_over,
        lambda: add(log, b"7\n"),
    )
    assert sorted(told) == [b"1\n", b"2\n", b"3\n", b"4\n", b"5", b"6\n", b"7\n"]


def test_between_the_two_there_may_be_no_file_at_all(log: Path) -> None:
    old = log.with_name("queue_log.1")
    told = follow_all(
        [log],
        lambda: log.rename(old),
        lambda: add(old, b"3\n"),
        lambda: log.write_bytes(b"4\n"),
    )
    assert told == [b"1\n", b"2\n", b"3\n", b"4\n"]


def test_the_old_one_may_be_packed_and_removed_at_once(log: Path) -> None:
    def pack() -> None:
        add(log, b"3\n")
        rotate(log, b"4\n")
        old = log.with_name("queue_log.1")
        log.with_name("queue_log.1.gz").write_bytes(gzip.compress(old.read_bytes()))
        old.unlink()

    assert follow_all([log], pack, lambda: add(log, b"5\n")) == [b"%d\n" % n for n in range(1, 6)]


def test_a_rotated_file_that_is_followed_too_is_not_read_twice(log: Path) -> None:
    old, older = log.with_name("queue_log.1"), log.with_name("queue_log.2")
    old.write_bytes(b"0\n")
    packed = log.with_name("queue_log.2.gz")
    packed.write_bytes(gzip.compress(b"00\n"))

    def turn() -> None:
        old.rename(older)
        rotate(log, b"3\n")

    told = follow_all([log, old, packed], turn, lambda: add(old, b"2+\n"), lambda: None)
    assert sorted(told) == sorted([b"00\n", b"0\n", b"1\n", b"2\n", b"2+\n", b"3\n"])


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("afterwards", [b"", b"5\n", b"5\n6\n7\n8\n9\n"])
def test_copied_and_truncated(log: Path, afterwards: bytes, *, packed: bool) -> None:
    copy = log.with_name("queue_log.1")

    def turn() -> None:
        add(log, b"3\n4\n")  # nobody has read these
        shutil.copy(log, copy)
        if packed:
            log.with_name("queue_log.1.gz").write_bytes(gzip.compress(copy.read_bytes()))
            copy.unlink()
        log.with_name("queue_log.0").write_bytes(b"another file\n")
        os.truncate(log, 0)
        add(log, afterwards)

    told = follow_all([log], turn, lambda: add(log, b"end\n"))
    expected = b"1\n2\n3\n4\n" + afterwards + b"end\n"
    assert told == expected.splitlines(keepends=True)


def test_copied_and_truncated_when_only_the_beginning_of_a_line_was_there(log: Path) -> None:
    log.write_bytes(b"")

    def turn() -> None:
        add(log, b"1\n")
        shutil.copy(log, log.with_name("queue_log.1"))
        os.truncate(log, 0)

    told = follow_all([log], lambda: add(log, b"begun, "), turn, lambda: add(log, b"2\n"))
    assert told == [b"begun, 1\n", b"2\n"]


def test_truncated_without_a_copy_is_said(log: Path, caplog: pytest.LogCaptureFixture) -> None:
    log.with_name("queue_log.gz").write_bytes(b"\x1f\x8b, half packed")
    with caplog.at_level(logging.WARNING):
        told = follow_all([log], lambda: log.write_bytes(b"5\n"))
    assert told == [b"1\n", b"2\n", b"5\n"]
    assert "no copy of it was found" in caplog.text


def test_a_line_that_is_too_long_gives_its_beginning_once(log: Path) -> None:
    told = follow_all(
        [log],
        lambda: add(log, b"x" * (LONGEST_LINE + 1)),
        lambda: add(log, b"x" * LONGEST_LINE),
        lambda: add(log, b"x\n3\n"),
    )
    assert told == [b"1\n", b"2\n", b"x" * (LONGEST_LINE + 1), b"3\n"]


def test_a_byte_order_mark_and_lone_returns_are_as_in_files(log: Path) -> None:
    log.write_bytes(b"\xef\xbb\xbf1\r2\n")
    assert follow_all([log]) == [b"1\r2\n"]


def test_many_lines_come_in_batches(log: Path) -> None:
    lines = [b"%d\n" % number for number in range(400_000)]
    log.write_bytes(b"".join(lines))
    log.with_name("old.gz").write_bytes(gzip.compress(b"".join(lines[:25_000])))
    batches = [batch.lines for batch in follow([log, log.with_name("old.gz")], Script([]))]
    assert [line for batch in batches for line in batch] == lines[:25_000] + lines
    assert max(len(batch) for batch in batches) < len(lines)


WRITES = st.lists(
    st.one_of(
        st.binary(max_size=6).map(lambda text: ("write", text.replace(b"\n", b"") + b"\n")),
        st.binary(max_size=6).map(lambda text: ("part", text.replace(b"\n", b""))),
        st.sampled_from([("rename", b""), ("copy", b""), ("look", b"")]),
    ),
    max_size=12,
)


@given(WRITES)
@settings(deadline=None, max_examples=60)
def test_whatever_is_written_and_rotated_every_line_comes_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, writes: list[tuple[str, bytes]]
) -> None:
    log = tmp_path_factory.mktemp("follow") / "queue_log"
    log.write_bytes(b"first\n")
    expected = bytearray(b"first\n")
    number = 0

    def step(kind: str, text: bytes) -> None:
        nonlocal number
        if kind in {"write", "part"}:
            add(log, b"%d" % len(expected) + text)
            expected.extend(b"%d" % len(expected) + text)
            return
        if kind == "look":
            return
        if not expected.endswith(b"\n"):
            step("write", b"\n")
        number += 1
        copy = log.with_name(f"queue_log.{number}")
        if kind == "rename":
            log.rename(copy)
            log.write_bytes(b"")
        else:
            shutil.copy(log, copy)
            os.truncate(log, 0)

    steps = [lambda kind=kind, text=text: step(kind, text) for kind, text in writes]
    told = follow_all([log], *steps, lambda: add(log, b"\n"), lambda: None)
    assert b"".join(told) == bytes(expected) + b"\n"
