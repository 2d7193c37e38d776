"""The annotations of a data folder: those that come with the package, and its own."""

from __future__ import annotations

from pathlib import Path

from schemas.annotations import FILE, PACKAGED, Annotation, Annotations
from schemas.tables import read


def noted(data: Path) -> tuple[Annotation, ...]:
    """All of them; a file that is not there adds none.

    Raises:
        Malformed: the folder's file is wrong; the error names row and field.
    """
    own = data / FILE
    if not own.exists():
        return PACKAGED
    return PACKAGED + read(FILE, own.read_text(encoding="utf-8"), Annotations).annotation
