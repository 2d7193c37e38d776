"""The rules by which state is made, under one name."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files as resources
from importlib.resources.abc import Traversable


@cache
def rules() -> str:
    """A name for the rules by which state is made: a digest of their text and of their tables.

    State made by other rules would mix old sums with new ones, so it is not used again.
    """
    digest = sha256()
    for path in rule_files():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def rule_files() -> list[Traversable]:
    """The modules and packaged tables that decide what state says."""
    return [
        path
        for package in ("schemas", "schemas.measures", "schemas.data", "streams.core")
        for path in sorted(resources(package).iterdir(), key=lambda path: path.name)
        if path.name.endswith((".py", ".toml"))
    ]
