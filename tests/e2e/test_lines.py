"""Lines as data: one opens and closes by a file, while whoever reads goes on."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest

from schemas.departments import department
from schemas.lines import FILE
from streams.cli import main
from streams.tables.lines import Lines
from tests.schemas.test_lines import CLOSED, CRISIS


def ids(lines: Lines) -> list[str]:
    return [row.id for row in lines.current()]


def test_packaged_lines_are_whole(tmp_path: Path) -> None:
    rows = Lines(tmp_path).current()
    assert [row.id for row in rows] == [
        "esdc-general",
        "ircc-general",
        "ircc-ukraine",
        "vac-general",
    ]
    assert all(department(row.department) and row.en and row.fr for row in rows)


def test_a_line_opens_and_closes_while_the_reader_goes_on(tmp_path: Path) -> None:
    lines, file = Lines(tmp_path), tmp_path / FILE
    assert "ircc-crisis" not in ids(lines)
    file.write_text(CRISIS)
    assert "ircc-crisis" in ids(lines)
    file.write_text(CLOSED)
    (crisis,) = [row for row in lines.current() if row.id == "ircc-crisis"]
    days = (date(2026, 1, 7), date(2026, 1, 8), date(2026, 2, 6), date(2026, 2, 7))
    assert [crisis.open_on(day) for day in days] == [False, True, True, False]
    file.unlink()
    assert "ircc-crisis" not in ids(lines)
    assert lines.problem is None


def test_rows_of_an_id_replace_those_of_the_package(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(CLOSED.replace("ircc-crisis", "ircc-ukraine"))
    rows = Lines(tmp_path).current()
    assert [row.en for row in rows if row.id == "ircc-ukraine"] == ["Crisis line"]


@pytest.mark.parametrize("bad", [b"[[line", b"\xff", b"[[line]]\nid = 1\n"])
def test_a_broken_file_is_told_and_the_last_good_lines_stay(tmp_path: Path, bad: bytes) -> None:
    lines, file = Lines(tmp_path), tmp_path / FILE
    file.write_text(CRISIS)
    before = lines.current()
    file.write_bytes(bad)
    assert lines.current() == before
    assert str(file) in str(lines.problem)
    file.write_text(CLOSED)
    assert lines.current() != before
    assert lines.problem is None


def test_the_command_shows_both_languages_and_who_is_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / FILE).write_text(CLOSED)
    where = ("--data", str(tmp_path))
    assert main(["lines", "--on", "2026-02-07", *where]) == 0
    text = capsys.readouterr().out
    assert "ircc-crisis   2026-01-08 to 2026-02-06  closed on 2026-02-07\n" in text
    assert "ircc-ukraine  2022-02-24 to …           open on 2026-02-07\n" in text
    assert "Crisis line / Ligne de crise\n" in text
    assert "for: Earthquake / Tremblement de terre\n" in text
    assert main(["lines", "--on", "2026-02-06", "--format", "json", *where]) == 0
    rows = {row["id"]: row for row in msgspec.json.decode(capsys.readouterr().out)}
    assert rows["ircc-crisis"]["open"] is True
    assert rows["ircc-crisis"]["effective_to"] == "2026-02-06"
    assert main(["lines", *where]) == 0  # today


def test_the_command_does_not_list_what_a_broken_file_may_have_meant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / FILE).write_text("[[line]]\ncolour = 1\n")
    assert main(["lines", "--data", str(tmp_path)]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert "lines.toml: line 1: Object contains unknown field `colour`" in output.err
