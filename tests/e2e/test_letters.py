"""`vouch letters`: what was refused can be read again, and cannot harm who reads it."""

from __future__ import annotations

from contextlib import closing
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from schemas.topics import DEAD_LETTERS, EVENTS
from streams.cli import main
from streams.gateway.intake import Bad
from streams.home import Home

RECEIVED = 1_767_639_909_000  # 2026-01-05T19:05:09Z


def _refused(data: Path, values: list[bytes]) -> None:
    """One dead letter a second, spread over the partitions by their hashes."""
    with closing(Home(data).log()) as log:
        log.append(EVENTS, [("c1", b"{}")], RECEIVED)
        for n, value in enumerate(values):
            now = RECEIVED + n * 1_000
            letter = Bad(n, "time", "is missing", value).letter(now, "acd")
            log.append(DEAD_LETTERS, [letter], now)


def _told(capture: pytest.CaptureFixture[str], data: Path, *words: str) -> str:
    assert main(("letters", "--data", str(data), *words)) == 0
    return capture.readouterr().out


def test_the_newest_come_last(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = [f'{{"n": {n}}}'.encode() for n in range(40)]
    _refused(tmp_path, values)
    for words, last in (((), 20), (("--last", "3"), 3), (("--last", "99"), 40)):
        told = msgspec.json.decode(_told(capsys, tmp_path, "--format", "json", *words))
        assert [letter["head"].encode() for letter in told] == values[-last:]
    assert told[0] == {
        "received": "2026-01-05T19:05:09.000Z",
        "reason": "invalid",
        "field": "time",
        "problem": "is missing",
        "producer": "acd",
        "sha256": sha256(values[0]).hexdigest(),
        "size": 8,
        "head": '{"n": 0}',
    }


def test_a_table_obeys_no_stranger(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _refused(tmp_path, [b"\x1b[2J\n\xff\xc2\x9b" + b"x" * 5_000])
    told = _told(capsys, tmp_path)
    assert told.startswith("2026-01-05T19:05:09.000Z\n")
    assert r"head      \x1b[2J\n\xff\x9bxxx" in told
    assert "x…\n" in told
    assert "size      5008" in told
    assert all(character.isprintable() for character in told.replace("\n", ""))


def test_no_letters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _refused(tmp_path, [])
    assert _told(capsys, tmp_path) == "There are no dead letters.\n"
    assert _told(capsys, tmp_path, "--format", "json") == "[]\n"
    assert main(("letters", "--data", str(tmp_path / "fresh"))) == 1
    assert "there is nothing in" in capsys.readouterr().err
