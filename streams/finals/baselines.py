"""Baselines: figures kept under a name, to compare later ones with."""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path

import msgspec

from schemas.board import Figure
from schemas.errors import DeadLetter, Stop
from streams.keyring.keyfiles import sync

PERIODS = ("previous", "last-year")  # what a comparison can be with beside baselines
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """Figures, and how they were asked for.

    Attributes:
        start, end: the local days, half-open.
        grain: the length of the periods; null for the whole.
        by: the dimensions.
    """

    start: date
    end: date
    grain: str | None
    by: tuple[str, ...]
    attribution: str
    figures: list[Figure]


_baseline = msgspec.json.Decoder(Baseline).decode


def save(data: Path, name: str, baseline: Baseline) -> None:
    """Keep figures, whole or not at all; a name that is taken is not taken again.

    Raises:
        DeadLetter: the name cannot be a file's, means something else, or is taken.
    """
    path = _path(data, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{name}.{os.getpid()}")
    try:
        with part.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(baseline)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)
        sync(path.parent)
    except FileExistsError as error:
        msg = f"there is a baseline {name!r} already; a baseline is not written over"
        raise DeadLetter(msg) from error
    finally:
        part.unlink(missing_ok=True)


def load(data: Path, name: str) -> Baseline:
    """The figures kept under a name.

    Raises:
        DeadLetter: there is none.
        Stop: the file cannot be read.
    """
    path = _path(data, name)
    if not path.exists():
        known = ", ".join(sorted(p.stem for p in path.parent.glob("[!.]*.json"))) or "none"
        msg = f"there is no baseline {name!r}; saved are: {known} (or {' and '.join(PERIODS)})"
        raise DeadLetter(msg)
    try:
        return _baseline(path.read_bytes())
    except msgspec.MsgspecError as error:
        msg = f"{path} cannot be read: {error}"
        raise Stop(msg) from error


def _path(data: Path, name: str) -> Path:
    if not _NAME.fullmatch(name):
        msg = f"{name!r} is not a name of letters, digits, '.', '_' and '-'"
        raise DeadLetter(msg)
    if name in PERIODS:
        msg = f"{name!r} is no name for a baseline: it names a period to compare with"
        raise DeadLetter(msg)
    return data / "baselines" / f"{name}.json"
