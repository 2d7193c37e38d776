"""The frozen texts of `tests/fixtures`, and what is expected of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from schemas.instants import millis

EVENTS = Path(__file__).parents[1] / "fixtures" / "events"
BAD = Path(__file__).parents[1] / "fixtures" / "bad"
NOW = millis("2026-01-05T15:00:00.000Z")  # later than every good fixture


def expected(folder: Path) -> dict[str, Any]:
    found = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def event_files() -> list[Path]:
    return sorted(EVENTS.glob("*.v*.json"))


def version_named(path: Path) -> str:
    """The type and version a fixture is of; `.added` carries facts that came to it later."""
    return path.stem.removesuffix(".added")
