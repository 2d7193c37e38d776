"""The standards of a data folder: those that come with the package, and its own."""

from __future__ import annotations

from pathlib import Path

from schemas.standards import FILE, STANDARDS, Standards, checked, over
from streams.tables.overlays import laid_over


def in_force(data: Path) -> Standards:
    """All of them; the folder's rows of an id replace those of the package.

    Raises:
        Malformed: the folder's file is wrong; the error names file, row and field.
    """
    own = laid_over(data, FILE, Standards)
    return over(STANDARDS, checked(own, str(data / FILE))) if own else STANDARDS
