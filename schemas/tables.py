"""Tables of data: TOML text -> frozen rows. Strict: what is not declared is refused.

A table is a class of arrays of rows, so that `[[closure]]` in the file is the field `closure`:

    class Closure(Row, frozen=True):
        day: date
        en: str

    class Closures(Row, frozen=True):
        closure: tuple[Closure, ...] = ()

    packaged("closures.toml", Closures).closure
"""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime, time
from importlib.resources import files
from typing import TypeVar

import msgspec

from schemas.errors import Malformed

T = TypeVar("T", bound="Row")

_PLACE = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of rows and of the tables that hold them."""


def packaged(name: str, kind: type[T]) -> T:
    """A table that comes with the package, by its file's name in `schemas/data`.

    Raises:
        Malformed: as `read`.
    """
    return read(name, text(name), kind)


def text(name: str) -> str:
    """What a packaged table says, as it is written."""
    return files("schemas.data").joinpath(name).read_text(encoding="utf-8")


def read(name: str, text: str, kind: type[T]) -> T:
    """A table out of TOML text. Types are kept to: a date is a date and not its text.

    Args:
        name: the file, for messages.
        text: TOML.
        kind: the table's class.

    Raises:
        Malformed: no TOML, an unknown key, a missing or wrong value. `field` says the file, the
            section, the row (from 1) and the field: `closures.toml: closure 3: day`.
    """
    try:
        found = tomllib.loads(text)
        return msgspec.convert(found, kind, builtin_types=(date, datetime, time))
    except tomllib.TOMLDecodeError as error:
        raise Malformed(name, f"is not TOML: {error}") from error
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$")
        raise Malformed(f"{name}{_place(path.rstrip('`'))}", problem) from error


def refuse(name: str, section: str, number: int, field: str, problem: str) -> Malformed:
    """The error for a row that is well formed and yet wrong; `number` counts from 0."""
    return Malformed(f"{name}: {section} {number + 1}: {field}", problem)


def _place(path: str) -> str:
    """`.closure[2].date` -> `: closure 3: day`."""
    return "".join(f": {word}" if word else f" {int(n) + 1}" for word, n in _PLACE.findall(path))
