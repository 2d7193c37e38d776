"""Tables of a data folder, which it lays over those that come with the package."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from schemas.errors import Malformed
from schemas.tables import Row, read

T = TypeVar("T", bound=Row)


def laid_over(data: Path, name: str, kind: type[T]) -> T | None:
    """The folder's own table of that name; None where it has none.

    Raises:
        Malformed: as `schemas.tables.read`, under the whole path of the file; or it is not text.
    """
    path = data / name
    try:
        return read(str(path), path.read_text(encoding="utf-8"), kind)
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise Malformed(str(path), "is not UTF-8") from error
