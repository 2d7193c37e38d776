"""Baselines: figures kept under a name, to compare later ones with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from schemas.board import Figure
from schemas.errors import DeadLetter, Stop

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_figures = msgspec.json.Decoder(list[Figure]).decode


def save(data: Path, name: str, figures: Sequence[Figure]) -> None:
    """Keep some figures; a name that is taken is not taken again.

    Raises:
        DeadLetter: the name cannot be a file's, or is taken.
    """
    path = _path(data, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(figures)) + b"\n")
    except FileExistsError as error:
        msg = f"there is a baseline {name!r} already; a baseline is not written over"
        raise DeadLetter(msg) from error


def load(data: Path, name: str) -> list[Figure]:
    """The figures kept under a name.

    Raises:
        DeadLetter: there is none.
        Stop: the file cannot be read.
    """
    path = _path(data, name)
    if not path.exists():
        known = ", ".join(sorted(p.stem for p in path.parent.glob("*.json"))) or "none"
        msg = f"there is no baseline {name!r}; saved are: {known} (or `previous`, `last-year`)"
        raise DeadLetter(msg)
    try:
        return _figures(path.read_bytes())
    except msgspec.MsgspecError as error:
        msg = f"{path} cannot be read: {error}"
        raise Stop(msg) from error


def _path(data: Path, name: str) -> Path:
    if not _NAME.fullmatch(name):
        msg = f"{name!r} is not a name of letters, digits, '.', '_' and '-'"
        raise DeadLetter(msg)
    return data / "baselines" / f"{name}.json"
