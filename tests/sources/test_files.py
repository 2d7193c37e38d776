"""Lines of files, plain and packed."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from schemas.errors import DeadLetter
from streams.sources.files import lines_of
from streams.sources.port import LONGEST_LINE

TEXT = b"one\r\ntwo\n\nlast"
LINES = [b"one\r\n", b"two\n", b"\n", b"last"]


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
@pytest.mark.parametrize("content", [TEXT, gzip.compress(TEXT, mtime=0), b"\xef\xbb\xbf" + TEXT])
def test_packed_or_plain_is_told_by_the_bytes(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert list(lines_of(tmp_path / name)) == LINES


def test_an_empty_file_has_no_lines(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    assert list(lines_of(tmp_path / "empty")) == []


@pytest.mark.parametrize("extra", [1, 2, LONGEST_LINE + 1, 3 * LONGEST_LINE])
def test_a_line_that_is_too_long_is_cut_and_the_next_is_whole(tmp_path: Path, extra: int) -> None:
    whole = b"x" * LONGEST_LINE + b"\n"
    (tmp_path / "long").write_bytes(whole + b"y" * (LONGEST_LINE + extra) + b"\nnext\n")
    assert list(lines_of(tmp_path / "long")) == [whole, b"y" * (LONGEST_LINE + 1), b"next\n"]


PACKED = gzip.compress(TEXT, mtime=0)
DAMAGED = {
    "cut short": PACKED[:-6],
    "another checksum": PACKED[:-8] + b"\x00\x00\x00\x00" + PACKED[-4:],
    "no such block": PACKED[:10] + b"\xff" * 9,
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_damaged_gzip_says_which_file(tmp_path: Path, damage: str) -> None:
    (tmp_path / "a.gz").write_bytes(DAMAGED[damage])
    with pytest.raises(DeadLetter, match=r"a\.gz: damaged gzip"):
        list(lines_of(tmp_path / "a.gz"))
