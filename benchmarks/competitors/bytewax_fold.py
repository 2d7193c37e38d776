"""Bytewax: a stateful step by contact, whose state stays in memory; no recovery store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bytewax import operators as op
from bytewax.connectors.kafka import KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.testing import run_main

from benchmarks.competitors.each import Meter, Values, asked, revise
from benchmarks.competitors.fetching import AT_ONCE, FETCHING
from streams.core.fold import Folded


class Contact(op.StatefulBatchLogic[bytes, int, Values]):
    """A contact: the events that came together are folded together."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._values: Values = []
        self._folded: Folded | None = None

    def on_batch(self, values: list[bytes]) -> tuple[Iterable[int], bool]:
        """Fold what came."""
        registers = self._meter.registers
        self._values, self._folded = revise(self._values, values, self._folded, registers)
        return [len(values)], False

    def snapshot(self) -> Values:
        """What recovery would keep."""
        return self._values


class Seen(DynamicSink[Any]):
    """Tells the meter."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def build(
        self, step_id: str, worker_index: int, worker_count: int
    ) -> StatelessSinkPartition[Any]:
        """For the only worker."""
        return _Part(self._meter)


class _Part(StatelessSinkPartition[Any]):
    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def write_batch(self, items: list[Any]) -> None:
        self._meter.seen(sum(count for _, count in items))


def _keyed(message: KafkaSourceMessage[bytes, bytes]) -> tuple[str, bytes]:
    return message.key.decode(), message.value


def main() -> None:
    """Run the dataflow."""
    job = asked()
    meter, flow = Meter(job), Dataflow("fold")
    source = KafkaSource(
        [job.broker], [job.topic], tail=True, batch_size=AT_ONCE, add_config=FETCHING
    )
    events = op.input("events", flow, source)
    contacts = op.stateful_batch(
        "contacts", op.map("keyed", events, _keyed), lambda _: Contact(meter)
    )
    op.output("seen", contacts, Seen(meter))
    run_main(flow)


if __name__ == "__main__":
    main()
