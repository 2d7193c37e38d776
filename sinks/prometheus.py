"""Exposition for Prometheus: the closed list of metrics, and the collector that fills it.

Figures are gauges: the same numbers as `vouch measures` prints, for today so far and for the
last closed interval. Facts are counters: monotone first outcomes, with a counter of their own
for corrections. What is unknown is absent, never 0.

Keys of `Board.counters` are `outcome|department`, and `corrections|department`; an unknown
department is empty.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import inf

from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

from schemas.board import Board, Figure

PREFIX = "vouchline_"
#: Upper bounds of `log_append_seconds`, in seconds.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


@dataclass(frozen=True, slots=True)
class Family:
    """One row of the list: name (without prefix and `_total`), type, unit, labels, meaning."""

    name: str
    type: str
    unit: str
    labels: tuple[str, ...]
    help: str


_FIGURE = ("measure", "version", "window", "department")
_PLACE = ("department", "queue", "language")
_ROLE = ("role",)

METRICS: dict[str, Family] = {
    row.name: row
    for row in (
        Family(
            "figure_value",
            "gauge",
            "",
            _FIGURE,
            "A live figure in the unit of its measure, which its definition names (a count, %, s, "
            "days, points and others); window is today or last_interval. Indicative.",
        ),
        Family("figure_numerator", "gauge", "", _FIGURE, "The integer above the line."),
        Family("figure_denominator", "gauge", "", _FIGURE, "The integer below the line."),
        Family(
            "as_of_timestamp_seconds",
            "gauge",
            "seconds",
            (),
            "The clock of events that all live figures are true for.",
        ),
        Family("queue_waiting", "gauge", "", _PLACE, "Contacts waiting in a queue now."),
        Family("queue_connected", "gauge", "", _PLACE, "Contacts of a queue with an agent now."),
        Family(
            "queue_longest_wait_seconds",
            "gauge",
            "seconds",
            _PLACE,
            "The longest wait in a queue now.",
        ),
        Family(
            "contacts",
            "counter",
            "",
            ("outcome", "department"),
            "Contacts by outcome: calls by their place in the funnel, written messages as "
            "message_received and message_answered. Counted when first known; never taken back, "
            "see corrections.",
        ),
        Family(
            "corrections",
            "counter",
            "",
            ("department",),
            "Outcomes already counted that a later fact took back.",
        ),
        Family("intake_accepted_events", "counter", "", (), "Events made durable."),
        Family(
            "intake_rejected_events",
            "counter",
            "",
            ("reason",),
            "Events refused: invalid, unreadable (a body counts as one), too_many (likewise), "
            "not_durable.",
        ),
        Family("http_requests", "counter", "", ("route", "code"), "HTTP requests answered."),
        Family(
            "log_append_seconds",
            "histogram",
            "seconds",
            (),
            "How long a group commit took until it was durable.",
        ),
        Family("log_append_failures", "counter", "", (), "Group commits that stored nothing."),
        Family(
            "log_next_offset", "gauge", "", ("partition",), "The next offset of the events' topic."
        ),
        Family("live_next_offset", "gauge", "", ("partition",), "What the live worker reads next."),
        Family("live_lag_events", "gauge", "", (), "Events that the live worker has not read."),
        Family(
            "gate_agreed_figures",
            "gauge",
            "",
            ("period",),
            "Figures on which live, Beam and SQL agreed when the gate last compared a period.",
        ),
        Family(
            "gate_mismatched_figures",
            "gauge",
            "",
            ("period",),
            "Figures on which they did not; above 0, nothing of the period may be published.",
        ),
        Family(
            "gate_incidents_open",
            "gauge",
            "",
            (),
            "Periods of which the gate's newest report does not agree: see gate/ and incidents/.",
        ),
        Family(
            "role_ready", "gauge", "", _ROLE, "Whether a role of this process can go on: 1 or 0."
        ),
        Family(
            "role_lag_events",
            "gauge",
            "",
            ("role", "partition"),
            "What a role has not counted (archive: not committed) of a partition that it has now.",
        ),
        Family("role_partitions", "gauge", "", _ROLE, "Partitions that a role has now."),
        Family(
            "role_commit_timestamp_seconds",
            "gauge",
            "seconds",
            _ROLE,
            "When a role last made something durable; of the page, when its board was written.",
        ),
        Family(
            "role_moves",
            "counter",
            "",
            _ROLE,
            "Partitions given to a role of this process, or taken from it.",
        ),
        Family("role_dead_letters", "counter", "", _ROLE, "Events that a role set aside."),
        Family(
            "role_fenced_writes",
            "counter",
            "",
            _ROLE,
            "Writes of a role that did nothing, since another process had done them.",
        ),
        Family(
            "role_gap_events",
            "counter",
            "",
            _ROLE,
            "Events that Kafka had let go of before a role had read them.",
        ),
        Family("role_events", "counter", "", _ROLE, "Events that a role has handled."),
        Family(
            "role_step_seconds",
            "counter",
            "seconds",
            ("role", "step"),
            "How long a role has worked, by step.",
        ),
    )
}


#: Name of a row of `METRICS`, its labels, and the value.
Sample = tuple[str, tuple[str, ...], float]


class Exposition(Collector):
    """Counts what the process does, reads the board at each scrape, and writes the text.

    It belongs to one thread: the event loop's.

    Args:
        board: the newest live figures; None where this process makes none.
        registry: where it registers itself.
        facts: what the roles of this process have done.
    """

    def __init__(
        self,
        board: Callable[[], Board] | None,
        registry: CollectorRegistry,
        facts: Callable[[], Iterable[Sample]] = tuple,
    ) -> None:
        self._board, self._registry, self._facts = board, registry, facts
        self._tail: Mapping[int, int] = {}
        self._counts: Counter[tuple[str, tuple[str, ...]]] = Counter(
            {("intake_accepted_events", ()): 0, ("log_append_failures", ()): 0}
        )
        self._buckets = [0] * (len(BUCKETS) + 1)
        self._seconds = 0.0
        registry.register(self)

    def accepted(self, events: int) -> None:
        """So many events became durable."""
        self._counts["intake_accepted_events", ()] += events

    def rejected(self, reason: str, events: int) -> None:
        """So many events were refused."""
        self._counts["intake_rejected_events", (reason,)] += events

    def answered(self, route: str, status: int) -> None:
        """One HTTP request was answered."""
        self._counts["http_requests", (route, str(status))] += 1

    def appended(self, seconds: float, *, durable: bool) -> None:
        """One group commit took so long; only durable ones are in the histogram."""
        if durable:
            self._buckets[bisect_left(BUCKETS, seconds)] += 1
            self._seconds += seconds
        else:
            self._counts["log_append_failures", ()] += 1

    def exposition(self, accept: str, tail: Mapping[int, int]) -> tuple[bytes, str]:
        """The text that an `Accept` header asks for, and its content type.

        `tail` is the next offset of every partition of the events' topic.
        """
        self._tail = tail
        encoder, content_type = choose_encoder(accept)
        return encoder(self._registry), content_type

    def describe(self) -> list[Metric]:
        """The list is closed, so registering needs no scrape."""
        return [_empty(name) for name in METRICS]

    def collect(self) -> Iterator[Metric]:
        """Every family of `METRICS`, once, in its order."""
        board = self._board() if self._board else None
        filled = {name: _empty(name) for name in METRICS}
        figures = _of_board(board) if board else ()
        for sample, labels, value in (*figures, *_of_log(board, self._tail), *self._facts()):
            _put(filled[sample], labels, value)
        for (name, labels), count in sorted(self._counts.items()):
            _put(filled[name], labels, count)
        filled["log_append_seconds"] = self._histogram()
        yield from filled.values()

    def _histogram(self) -> Metric:
        family = HistogramMetricFamily(
            PREFIX + "log_append_seconds", METRICS["log_append_seconds"].help, unit="seconds"
        )
        running, rows = 0, []
        for bound, count in zip((*BUCKETS, inf), self._buckets, strict=True):
            running += count
            rows.append(("+Inf" if bound == inf else str(bound), running))
        family.add_metric([], rows, self._seconds)
        return family


def exposition(
    board: Callable[[], Board] | None, facts: Callable[[], Iterable[Sample]] = tuple
) -> Exposition:
    """An exposition with a registry of its own."""
    return Exposition(board, CollectorRegistry(), facts)


def _of_board(board: Board) -> Iterator[Sample]:
    for window, figures in (("today", board.today), ("last_interval", board.last_interval)):
        for figure in figures:
            yield from _of_figure(figure, window)
    if board.as_of_ms is not None:
        yield "as_of_timestamp_seconds", (), board.as_of_ms / 1000
    for row in board.queues:
        place = (row.department or "", row.queue or "", row.language or "")
        yield "queue_waiting", place, row.waiting
        yield "queue_connected", place, row.connected
        if row.longest_wait_ms is not None:
            yield "queue_longest_wait_seconds", place, row.longest_wait_ms / 1000
    for key, count in sorted(board.counters.items()):
        yield *_counter(key), count
    for gated in board.gated:
        yield "gate_agreed_figures", (gated.period,), gated.agreed
        yield "gate_mismatched_figures", (gated.period,), gated.mismatched
    yield "gate_incidents_open", (), sum(gated.mismatched > 0 for gated in board.gated)


def _of_figure(figure: Figure, window: str) -> Iterator[Sample]:
    department = figure.dimensions.get("department") or ""
    labels = (figure.measure, str(figure.version), window, department)
    if figure.value is not None:
        yield "figure_value", labels, float(Decimal(figure.value))
    if figure.numerator is not None:
        yield "figure_numerator", labels, figure.numerator
    if figure.denominator is not None:
        yield "figure_denominator", labels, figure.denominator


def _counter(key: str) -> tuple[str, tuple[str, ...]]:
    outcome, _, department = key.partition("|")
    if outcome == "corrections":
        return "corrections", (department,)
    return "contacts", (outcome, department)


def _of_log(board: Board | None, tail: Mapping[int, int]) -> Iterator[Sample]:
    positions = board.positions if board else {}
    for partition, offset in sorted(tail.items()):
        yield "log_next_offset", (str(partition),), offset
    for partition, offset in sorted(positions.items()):
        yield "live_next_offset", (str(partition),), offset
    if tail and positions:
        behind = (end - positions.get(partition, 0) for partition, end in tail.items())
        yield "live_lag_events", (), sum(max(0, lag) for lag in behind)


def _empty(name: str) -> Metric:
    family = METRICS[name]
    return Metric(PREFIX + family.name, family.help, family.type, family.unit)


def _put(metric: Metric, labels: tuple[str, ...], value: float) -> None:
    family = METRICS[metric.name.removeprefix(PREFIX)]
    suffix = "_total" if metric.type == "counter" else ""
    metric.add_sample(metric.name + suffix, dict(zip(family.labels, labels, strict=True)), value)
