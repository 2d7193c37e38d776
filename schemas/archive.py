"""The archive's columns: what an auditor finds in the Parquet files.

Columns are only ever added. Envelope and vocabulary fields are typed and nullable, after
upcasting; `value` is the event as it entered the log, byte for byte.
"""

from __future__ import annotations

from typing import get_args, get_type_hints

from schemas.event import Data

#: name -> (Arrow type, meaning), in the order of the file.
ENVELOPE: dict[str, tuple[str, str]] = {
    "offset": ("int64", "position in the partition of the log"),
    "intake_ms": ("int64", "when the log took it, UTC milliseconds since 1970"),
    "time_ms": ("int64", "when it happened, UTC milliseconds since 1970"),
    "id": ("string", "the producer's id of the event; null where the value is unreadable"),
    "source": ("string", "who says so"),
    "type": ("string", "what happened"),
    "subject": ("string", "the contact; the key of the log"),
    "sequence": ("string", "the source's own counter, zero-padded; empty where it has none"),
    "dataschema": ("string", "the version as it came; empty means version 1"),
}
RAW: dict[str, tuple[str, str]] = {"value": ("binary", "the event as it entered the log")}
_ARROW = {str: "string", int: "int64", bool: "bool"}


def _vocabulary() -> dict[str, tuple[str, str]]:
    hints = get_type_hints(Data)
    return {
        name: (_ARROW[get_args(hints[name])[0]], f"`data.{name}`")
        for name in Data.__struct_fields__
    }


FACTS: dict[str, tuple[str, str]] = _vocabulary()
COLUMNS: dict[str, tuple[str, str]] = {**ENVELOPE, **FACTS, **RAW}
