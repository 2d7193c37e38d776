"""Write `schemas/json/`: `python -m tests.tools.write_schemas` after a change of a contract."""

from __future__ import annotations

from pathlib import Path

import schemas
from schemas.export import files

FOLDER = Path(schemas.__file__).parent / "json"


def main() -> None:
    """Write every file; a file that no longer belongs is left for a person to judge."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
