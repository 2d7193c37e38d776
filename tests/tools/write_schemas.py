"""Write `schemas/json/` and `schemas/asyncapi.yaml` after a change of a contract.

`python -m tests.tools.write_schemas`, or `make schemas`.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import schemas
from schemas.asyncapi import document
from schemas.export import files

FOLDER = Path(schemas.__file__).parent / "json"
ASYNCAPI = FOLDER.parent / "asyncapi.yaml"
HEAD = "# Written by `make schemas` from schemas/topics.py and schemas/json: do not edit.\n"
YAML: Any = import_module("yaml")  # ships no types


def main() -> None:
    """Write every file; a file that no longer belongs is left for a person to judge."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    ASYNCAPI.write_text(asyncapi(), encoding="utf-8")


def asyncapi() -> str:
    """The document of the topics, as YAML."""
    return HEAD + str(YAML.safe_dump(document(), sort_keys=False, allow_unicode=True, width=100))


if __name__ == "__main__":
    main()
