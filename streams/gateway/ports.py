"""What the gateway needs from others: somebody who counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

Refusal = Literal["unreadable", "invalid", "too_many", "not_durable"]


class Metrics(Protocol):
    """Facts about the process, and the text that a scraper reads."""

    def accepted(self, events: int) -> None:
        """So many events became durable."""
        ...

    def rejected(self, reason: Refusal, events: int) -> None:
        """So many events were refused; a body that cannot be taken apart counts as one."""
        ...

    def answered(self, route: str, status: int) -> None:
        """One HTTP request was answered."""
        ...

    def appended(self, seconds: float, *, durable: bool) -> None:
        """One group commit took so long, and succeeded or not."""
        ...

    def exposition(self, accept: str, tail: Mapping[int, int]) -> tuple[bytes, str]:
        """The text for an `Accept` header, and its content type.

        `tail` is the next offset of every partition of the events' topic.
        """
        ...
