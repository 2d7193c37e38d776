"""Tables: what is not declared is refused, and the message says where it stands."""

from __future__ import annotations

from datetime import date, time
from importlib.resources import files

import pytest

from schemas.calendars import bind
from schemas.errors import Malformed
from schemas.tables import Row, packaged, read, refuse


class Thing(Row, frozen=True):
    day: date
    at: time | None = None
    words: tuple[str, ...] = ()


class Things(Row, frozen=True):
    thing: tuple[Thing, ...] = ()


def test_rows_are_typed_and_frozen() -> None:
    found = read("things.toml", "[[thing]]\nday = 2026-01-05\nat = 12:00:00\n", Things)
    assert found == Things(thing=(Thing(day=date(2026, 1, 5), at=time(12)),))
    with pytest.raises(AttributeError):
        found.thing[0].day = date(2026, 1, 6)  # type: ignore[misc]  # that is the point


ROW = "[[thing]]\nday = 2026-01-05\n"


@pytest.mark.parametrize(
    ("toml", "field", "problem"),
    [
        (ROW + ROW + "color = 1", "things.toml: thing 2", "unknown field `color`"),
        (ROW + "[[thing]]\nat = 12:00:00", "things.toml: thing 2", "missing required field `day`"),
        (
            '[[thing]]\nday = "2026-01-05"',
            "things.toml: thing 1: day",
            "Expected `date`, got `str`",
        ),
        ("[[thing]]\nday = 2026-01-05T00:00:00", "things.toml: thing 1: day", "got `datetime`"),
        (ROW + 'words = ["a", 1]', "things.toml: thing 1: words 2", "Expected `str`, got `int`"),
        ("thing = 1", "things.toml: thing", "Expected `array`, got `int`"),
        ("other = 1", "things.toml", "unknown field `other`"),
        ("[[thing]]\nday = 2026-02-30", "things.toml", "is not TOML: Invalid date or datetime"),
        (ROW + "day = \n", "things.toml", "is not TOML: Invalid value (at line 3"),
    ],
)
def test_a_table_that_is_wrong_says_file_row_and_field(toml: str, field: str, problem: str) -> None:
    with pytest.raises(Malformed) as told:
        read("things.toml", toml, Things)
    assert told.value.field == field
    assert problem in told.value.problem


def test_rows_are_counted_from_one() -> None:
    assert str(refuse("a.toml", "row", 0, "day", "is late")) == "a.toml: row 1: day: is late"


def test_packaged_tables_are_files_of_the_package() -> None:
    with pytest.raises(FileNotFoundError):
        packaged("none.toml", Things)
    with pytest.raises(Malformed, match=r"holidays.toml: .*unknown field `closure`"):
        packaged("holidays.toml", Things)
    toml = files("schemas.data").joinpath("calendars.toml").read_text(encoding="utf-8")
    assert bind(("calendars.toml", toml)).calendars
