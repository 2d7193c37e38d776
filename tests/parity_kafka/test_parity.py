"""Records and figures of the embedded runtime and of Kafka, equal to the unit.

On 4 partitions: a simulated day with one live worker, and after a quarter of the bank's January
with two. Four months, more days, all of it with one and two workers, and 12 partitions with three:
`make parity`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.kafka.settings import Kafka
from tests.kafka.conftest import broker, kafka, kafka_jars
from tests.parity_kafka.compared import apart
from tests.parity_kafka.runs import Told, embedded, on_kafka
from tests.parity_kafka.scenario import FOLDER, bank, scenario

__all__ = ["broker", "kafka", "kafka_jars"]
PARTITIONS, LINES = 4, 8_000  # a quarter of January's
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # a limit, on any machine


@pytest.mark.parametrize("workers", [1, 2])
def test_kafka_says_what_the_embedded_runtime_says(
    kafka: Kafka, tmp_path: Path, workers: int
) -> None:
    months = bank(workers - 1)
    if workers > 1 and not months:
        pytest.skip(f"the bank's call log is not in {FOLDER.name}/ (VOUCH_DATA)")
    recorded = scenario(months, days=1, lines=LINES)
    due = embedded(tmp_path / "embedded", recorded, PARTITIONS)
    says_much(due)
    assert kafka.partitions == PARTITIONS
    wrong = apart(due, on_kafka(tmp_path, kafka, recorded, workers, due))
    assert not wrong, "\n".join(wrong)


def says_much(due: Told) -> None:
    """Equality of little would say little."""
    assert len(due.letters) > 50
    assert len(due.records["state"]) > 1_000
    assert sum(b'"conflicting"' in record for record in due.records["state"].values()) > 50
    assert len(due.intervals) > 50
