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
@pytest.mark.parametrize("content", [TEXT, gzip.compress(TEXT), b"\xef\xbb\xbf" + TEXT])
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


@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_damaged_gzip_says_which_file_after_what_could_be_read(tmp_path: Path, damage: str) -> None:
    packed = gzip.compress(TEXT)
    flipped = packed[:-8] + b"\x00\x00\x00\x00" + packed[-4:]
    (tmp_path / "a.gz").write_bytes(packed[:-6] if damage == "cut" else flipped)
    with pytest.raises(DeadLetter, match=r"a\.gz: damaged gzip"):
        list(lines_of(tmp_path / "a.gz"))
