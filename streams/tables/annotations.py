"""The annotations of a data folder: those that come with the package, and its own."""

from __future__ import annotations

from pathlib import Path

from schemas.annotations import FILE, PACKAGED, Annotation, Annotations
from streams.tables.overlays import laid_over


def noted(data: Path) -> tuple[Annotation, ...]:
    """All of them; a file that is not there adds none.

    Raises:
        Malformed: the folder's file is wrong; the error names file, row and field.
    """
    own = laid_over(data, FILE, Annotations)
    return PACKAGED + (own.annotation if own else ())
