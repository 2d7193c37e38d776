"""Small private files that survive a loss of power, and leave when they are told to."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path


def make_private(folder: Path) -> None:
    """Make a folder that only its owner can look into; one that exists is left as it is."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        sync(folder, folder.parent)


def write(path: Path, text: str) -> None:
    """Put a line into a file, in one step, in the place of what it held."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync(path.parent)


def wipe(path: Path) -> None:
    """Overwrite a file, then remove its name; where the disk keeps old blocks, they stay."""
    if path.exists():
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()


def sync(*folders: Path) -> None:
    """Make the names in some folders durable."""
    for folder in folders:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
