"""Small secrets kept beside the data: made once, whole, readable by their owner only."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from schemas.errors import Stop

SHORTEST = 16


def made_once(path: Path, make: Callable[[], str]) -> str:
    """What the file holds; made by `make` if there is none yet, in one step.

    Raises:
        Stop: what is there is too short to be a secret: it was cut off, or emptied.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _write(path, make())
    text = path.read_text().strip()
    if len(text) < SHORTEST:
        msg = f"{path} holds no secret ({len(text)} characters): restore it, or remove it"
        raise Stop(msg)
    return text


def _write(path: Path, text: str) -> None:
    """A whole file or none; whoever comes second finds the first one's."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
