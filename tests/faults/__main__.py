"""python -m tests.faults: kill, stop and cut off the system on Kafka, and check what is left.

Exit status 1 if anything was lost, doubled or counted wrongly, or if a safeguard was never seen
at work. The folder with the history and all that was said is kept then, and its name printed.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import mkdtemp

from tests.faults.campaign import MARKS, SHORT, Outcome, drawn, run
from tests.faults.world import world

PER_S = 150.0


def main() -> int:
    """Run, and say what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="how many (200); 0: the short form")
    parser.add_argument("--seed", type=int, default=20_260_105, help="of all moments")
    parser.add_argument("--minutes", type=float, help="begin no fault after so many")
    parser.add_argument("--keep", action="store_true", help="keep the folder in any case")
    asked = parser.parse_args()
    rng = Random(asked.seed)
    order = drawn(rng, asked.kills) if asked.kills else SHORT
    folder = Path(mkdtemp(prefix="vouch-faults-"))
    print(f"seed {asked.seed}, history in {folder}/run/history.jsonl", flush=True)
    with world(folder / "run", asked.seed, PER_S) as made:
        outcome = run(made, rng, order, asked.minutes and asked.minutes * 60)
    print("\n".join(table(outcome)))
    sound = not outcome.findings and not outcome.unreached
    if sound and not asked.keep:
        shutil.rmtree(folder)
    return 0 if sound else 1


def table(outcome: Outcome) -> Iterator[str]:
    """What came of it, in lines."""
    lost, doubled = ([f for f in outcome.findings if f.startswith(w)] for w in ("lost", "doubled"))
    yield f"{outcome.kills.total():>10,} kills: {_counts(outcome.kills)}"
    yield f"{outcome.faults.total():>10,} other faults: {_counts(outcome.faults)}"
    yield f"{outcome.acknowledged:>10,} events acknowledged, {outcome.archived:,} rows archived"
    yield f"{len(lost):>10,} lost"
    yield f"{len(doubled):>10,} doubled"
    yield f"{outcome.compared:>10,} figures and records compared with a clean run"
    yield from (f"{outcome.reached[mark]:>10,} times reached: {mark}" for mark in MARKS)
    yield f"{outcome.seconds:>10,.0f} seconds"
    yield from (f"FINDING {finding}" for finding in outcome.findings)
    yield from (f"NEVER REACHED {mark}" for mark in outcome.unreached)


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {many:,}" for name, many in sorted(counts.items())) or "none"


if __name__ == "__main__":
    sys.exit(main())
