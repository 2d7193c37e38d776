"""What an archive says of itself that it lacks."""

from __future__ import annotations

from pathlib import Path

from sinks.archive.losses import Lost, lost, records
from sinks.archive.reader import entries


def losses(root: Path) -> list[Lost]:
    """All positions whose rows the log forgot before they were archived, in order.

    Raises:
        Stop: a record of them is unreadable or out of its place, or a commit log is broken.
    """
    return [
        one
        for chain, found in records(root).items()
        for one in lost(chain, found, entries(root, chain.log_id, chain.topic, chain.partition))
    ]
