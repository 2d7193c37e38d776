"""The short form of the fault suite: most kinds of fault once, and a dozen kills."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.faults.__main__ import PER_S, table
from tests.faults.campaign import SHORT, run
from tests.faults.world import world

SEED = 20_260_105


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_nothing_is_lost_or_doubled_whatever_is_killed(kafka_jars: Path, tmp_path: Path) -> None:
    with world(tmp_path / "run", SEED, PER_S) as made:
        outcome = run(made, Random(SEED), SHORT)
    told = "\n".join([f"seed {SEED}, history in {tmp_path}/run", *table(outcome)])
    assert not outcome.findings and not outcome.unreached, told
    assert outcome.kills.total() >= 10, told
