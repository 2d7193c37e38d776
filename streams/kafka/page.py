"""The page role: the newest board, as merge wrote it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from schemas.board import Board
from schemas.topics import BOARD
from streams.clock import now_ms
from streams.kafka.facts import Facts
from streams.kafka.follower import NEWEST, Follower
from streams.kafka.settings import Kafka

#: Older than this, the board is worth a word: merge writes it every few seconds.
STALE_MS = 30_000
_WAIT_S = 0.2
_board = msgspec.json.Decoder(Board).decode


class PageJob:
    """Shows every board that comes.

    Args:
        kafka: where.
        show: is given the board.
        facts: what the role has done; `trouble` says when the board is old.
        now: UTC milliseconds.
    """

    def __init__(
        self,
        kafka: Kafka,
        show: Callable[[Board], None],
        facts: Facts,
        now: Callable[[], int] = now_ms,
    ) -> None:
        self._show, self._facts, self._now = show, facts, now
        self._follower = Follower(kafka, "page", kafka.topic(BOARD), 1, {0: NEWEST})

    def step(self) -> bool:
        """Show the newest board that came, if one did."""
        rows = [row for row in self._follower.take(_WAIT_S).get(0, ()) if row.value]
        if rows:
            self._show(_board(rows[-1].value))
            self._facts.committed_ms = rows[-1].intake_ms
        self._facts.trouble = self._stale()
        return bool(rows)

    def _stale(self) -> str | None:
        written = self._facts.committed_ms
        if written is None:
            return "nobody has written a board yet: is merge running?"
        age = self._now() - written
        return f"the board is {age // 1000} s old: is merge running?" if age > STALE_MS else None

    def close(self) -> None:
        """Let go."""
        self._follower.close()
