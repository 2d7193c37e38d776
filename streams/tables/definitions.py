"""The definitions of a data folder: those that come with the package, and its own."""

from __future__ import annotations

from pathlib import Path

from schemas.definitions import DEFINITIONS, FILE, Definitions, Table, over
from streams.tables.overlays import laid_over


def in_force(data: Path) -> Definitions:
    """All of them; the folder's rows of a measure and number replace those of the package.

    Raises:
        Malformed: the folder's file is wrong; the error names file, row and field.
    """
    own = laid_over(data, FILE, Table)
    return over(DEFINITIONS, own, str(data / FILE)) if own else DEFINITIONS
