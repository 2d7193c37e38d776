"""The whole parity suite: `python -m tests.parity_kafka [--days N] [FOLDER]`.

Four months of the bank and a week of simulated days, embedded and on Kafka: 4 partitions with one
and two live workers, and 12 with three. About ten minutes; the exit status is 1 if anything
differs. The folder keeps everything; by default it is removed.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from deploy.kafka.broker import Broker
from schemas.topics import EVENTS
from streams.home import Home
from streams.kafka.settings import Kafka
from tests.parity_kafka.compared import apart
from tests.parity_kafka.runs import Told, embedded, on_kafka
from tests.parity_kafka.scenario import MONTHS, bank, scenario

RUNS = ((4, 1), (4, 2), (12, 3))  # partitions, live workers


def main() -> int:
    """Run it, and print a line for each run."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=7, help="simulated days (default: 7)")
    parser.add_argument("folder", type=Path, nargs="?")
    args = parser.parse_args()
    if args.folder:
        return suite(args.folder, args.days)
    with TemporaryDirectory() as folder:
        return suite(Path(folder), args.days)


def suite(folder: Path, days: int) -> int:
    """1 if anything differs, else 0."""
    recorded = scenario(bank(len(MONTHS)), days, every_interval=True)
    if not recorded.entries:
        print("The bank's call log is not here (VOUCH_DATA): simulated days only.")
    broker = Broker.start(folder / "broker", bound=True)
    found: list[str] = []
    due: dict[int, Told] = {}
    try:
        for partitions, workers in RUNS:
            if partitions not in due:
                due[partitions] = embedded(folder / f"embedded-{partitions}", recorded, partitions)
            began, name = perf_counter(), f"{partitions}x{workers}"
            kafka = Kafka(
                brokers=broker.addresses,
                development=True,
                prefix=f"{name}.",
                partitions=partitions,
            )
            told = on_kafka(folder / name, kafka, recorded, workers, due[partitions])
            wrong = apart(due[partitions], told)
            found += wrong
            print(*_line(folder / name / "asker", name, due[partitions], wrong, began), flush=True)
    finally:
        broker.stop()
    if due[4] != due[12]:
        found.append("the embedded runtime: 4 partitions and 12 do not say the same")
    print(*found, sep="\n")
    return 1 if found else 0


def _line(asker: Path, name: str, due: Told, wrong: list[str], began: float) -> tuple[str, ...]:
    with closing(Home(asker).log()) as log:
        events = sum(log.bounds(EVENTS, number)[1] for number in range(log.partitions))
    counted = (
        f"{events:,} events, {len(due.records['state']):,} records, "
        f"{len(due.intervals):,} intervals, {len(due.letters):,} letters"
    )
    return (
        f"{name:<5}",
        "DIFFERS:" if wrong else "equal:",
        counted,
        f"{perf_counter() - began:.0f} s",
    )


if __name__ == "__main__":
    sys.exit(main())
