"""A writer process to be killed: commits random batches, and prints what is safe.

Usage: child.py ROOT SEED TOTAL
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from sinks.archive.files import DISK
from tests.archive.world import rows, writer


def main(root: Path, seed: int, total: int) -> None:
    chance = random.Random(seed)
    archive = writer(root, DISK, name=f"child-{seed}")
    while archive.committed < total:
        start = archive.next
        archive.append(rows(start, min(total, start + chance.randint(1, 40))))
        if chance.random() < 0.7:
            archive.commit(0)
            print(archive.committed, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
