"""The merge role: what all live workers wrote becomes figures, each once a second at most.

Several at once do no harm: each has a mirror of its own, and what they publish are upserts of
what is true at the same positions.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from schemas.board import Board, Gated
from schemas.errors import Retry
from schemas.topics import BOARD, INTERVALS, REGISTERS, partition_of
from streams.clock import now_ms
from streams.kafka.facts import Facts
from streams.kafka.follower import Follower, Gone
from streams.kafka.intervals import messages
from streams.kafka.marks import Changed
from streams.kafka.merged import Merged
from streams.kafka.mirror import Mirror, discard
from streams.kafka.results import Results
from streams.kafka.settings import Kafka
from streams.kafka.turns import TURN_S, Turns
from streams.runtimes.board import board_of, together
from streams.sqlite import Damaged

#: The board is written again though nothing changed, so that its readers know that we are here.
HEARTBEAT_S = 5.0
_BOARD = b"board"
_BURY_S = 5.0  # between two looks at who is no more
_MOST_S, _WAIT_S = 0.5, 0.2  # taking what came: at most; and for what came before we began


@dataclass(frozen=True, slots=True)
class Merging:
    """What is merged, and who hears of it.

    Attributes:
        kafka: where.
        path: of the mirror, a file of this process.
        identity: the log and the rules of what is merged; what else there is, is ignored.
        show: is given every board that is published.
        gated: what the gate said last.
        going: whether nobody has told the role to end.
        facts: what the role has done.
        now: UTC milliseconds.
    """

    kafka: Kafka
    path: Path
    identity: str
    show: Callable[[Board], None]
    gated: Callable[[], Sequence[Gated]]
    going: Callable[[], bool]
    facts: Facts
    now: Callable[[], int] = now_ms


class MergeJob:
    """Takes what was written, and publishes what changed and has its turn; a step is a round."""

    def __init__(self, merging: Merging) -> None:
        self._of = merging
        self._publishing_s = 0.0  # how long it took the last time
        self._turns, self._board = Turns(), Board()
        self._news, self._shown_s = False, -HEARTBEAT_S  # since the board was shown, and when
        self._buried_s = -_BURY_S
        kafka = merging.kafka
        with ExitStack() as opened:
            opened.enter_context(_alone(merging.path))
            self._mirror = opened.enter_context(closing(Mirror(merging.path, merging.identity)))
            self._merged = Merged([self._mirror.view(n) for n in range(kafka.partitions)])
            self._results = Results(kafka)
            self._follower = opened.enter_context(
                closing(
                    Follower(
                        kafka,
                        "merge",
                        kafka.topic(REGISTERS),
                        kafka.partitions,
                        self._mirror.offsets(),
                    )
                )
            )
            self._opened = opened.pop_all()

    def step(self) -> bool:
        """Take what there is; publish it, once nothing older is left.

        Raises:
            Retry: the brokers are away, or the mirror had to be thrown away.
        """
        try:
            began = time.perf_counter()
            took = self._take()
            self._spend("take", began)
            if self._follower.caught_up:
                self._publish(took)
        except (Gone, Damaged) as error:
            discard(self._of.path)
            msg = f"the mirror is made again: {error}"
            raise Gone(msg) from error
        return took

    def _take(self) -> bool:
        """Take for as long as publishing takes: else, far behind, figures would be all it makes."""
        took, until = False, time.monotonic() + max(_MOST_S, self._publishing_s)
        while self._of.going() and not (self._follower.caught_up and time.monotonic() > until):
            if read := self._follower.take(0 if self._follower.caught_up else _WAIT_S):
                self._mirror.apply(read)
                took = True
            elif self._follower.caught_up:
                break
        self._tell()
        return took

    def _publish(self, took: bool) -> None:
        """What changed and may go out, and the board; only then are the marks removed."""
        since, self._news = time.perf_counter(), self._news or took
        as_of = max((at.now_ms for at in self._mirror.versions().values()), default=0) or None
        changed = self._mirror.changed()
        self._merged.changed(changed)
        due = self._turns.due(changed, since)
        self._send_intervals(due, as_of)
        began = self._spend("intervals", since)
        board = self._send_board(as_of, since)
        began = self._spend("board", began)
        if due or board:
            self._results.flush()
            self._mirror.published(due)
            self._turns.published(due, since)
            self._of.facts.committed_ms = self._of.now()
        if board:
            self._board, self._news, self._shown_s = board, False, since
            self._of.show(board)
        self._publishing_s = self._spend("publish", began) - since

    def _send_intervals(self, due: Changed, as_of: int | None) -> None:
        if as_of is not None:
            for key, value in messages(self._merged, due, as_of):
                number = partition_of(key, self._of.kafka.partitions)
                self._results.send(INTERVALS, key, value, number)

    def _send_board(self, as_of: int | None, since: float) -> Board | None:
        """Once a second at most, and only if it says something else or was not seen for long."""
        ago = since - self._shown_s
        if ago < TURN_S:
            return None
        gated = [*self._of.gated()]
        if not (self._news or ago >= HEARTBEAT_S or gated != self._board.gated):
            return None
        board = self._made(as_of, gated)
        self._results.send(BOARD, _BOARD, msgspec.json.encode(board), 0)
        if since - self._buried_s >= _BURY_S:
            self._bury()
            self._buried_s = since
        return board

    def _made(self, as_of: int | None, gated: list[Gated]) -> Board:
        """The board; what nothing was said of yet has nothing in it."""
        said = {number: at.position for number, at in self._mirror.versions().items()}
        positions = dict.fromkeys(range(self._of.kafka.partitions), 0) | said
        return board_of([self._merged], as_of, positions, together(self._mirror.queues()), gated)

    def _bury(self) -> None:
        """Let the topic forget what was written by writers that are no more."""
        for partition, key in self._mirror.gone():
            self._results.send(REGISTERS, key, None, partition)

    def _spend(self, step: str, began: float) -> float:
        """Count the seconds since then; now."""
        now, spent = time.perf_counter(), self._of.facts.seconds
        self._of.facts.seconds = spent | {step: spent.get(step, 0.0) + now - began}
        return now

    def _tell(self) -> None:
        facts = self._of.facts
        facts.positions, facts.ends = dict(self._follower.positions), self._follower.ends()

    def close(self) -> None:
        """Let go; what was not published is marked, and will be."""
        self._opened.close()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Be the one process that writes this mirror; others wait until it ends.

    Raises:
        Retry: another is.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            msg = f"another process merges in {path.parent}"
            raise Retry(msg) from error
        yield
