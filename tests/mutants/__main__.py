"""python -m tests.mutants: plant every fault in turn; the gate must block it and say on whom.

Exit status 1 if one passes unseen.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutants.faults import FAULTS
from tests.mutants.plant import planted
from tests.mutants.world import make


def main() -> int:
    with TemporaryDirectory(prefix="vouch-mutants-") as folder:
        data = Path(folder) / "data"
        make(data)
        sound = planted(None, data, Path(folder) / "sound")
        print(f"{'no fault':<9} {'passes' if sound.status != 1 else 'BLOCKED'}: {sound.said}")
        missed = sum(not _caught(number, data, Path(folder)) for number in range(len(FAULTS)))
    print(f"{len(FAULTS) - missed} of {len(FAULTS)} faults found")
    return 1 if missed or sound.status == 1 else 0


def _caught(number: int, data: Path, folder: Path) -> bool:
    fault = FAULTS[number]
    found = planted(fault, data, folder / f"{number}")
    caught = found.catches(fault)
    named = f"named {fault.contact}" if fault.contact else "contacts named"
    verdict = named if caught else f"UNSEEN (exit {found.status}): {found.said}"
    print(f"{fault.where:<9} {fault.what}: {verdict}", flush=True)
    return caught


if __name__ == "__main__":
    sys.exit(main())
