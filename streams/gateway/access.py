"""Who may send, and how fast."""

from __future__ import annotations

import hashlib
from hmac import compare_digest

from streams.gateway.limits import Bucket
from streams.gateway.settings import Gateway

ANYBODY = ""


class Access:
    """Tokens and their buckets.

    Raises:
        ValueError: no token is set and `open` is not.
    """

    def __init__(self, settings: Gateway) -> None:
        if not settings.tokens and not settings.open:
            msg = "gateway.tokens is empty: set a token, or open = true to take events from anybody"
            raise ValueError(msg)
        self._settings = settings
        self._digests = {name: _digest(token) for name, token in settings.tokens.items()}
        self._buckets: dict[str, Bucket] = {}

    def producer(self, authorization: str) -> str | None:
        """The name behind an `Authorization` header; null if nobody is.

        Every token is compared, each in constant time, so the answer's delay tells nothing.
        """
        if not self._digests:
            return ANYBODY
        scheme, _, token = authorization.partition(" ")
        given = _digest(token.strip())
        names = [name for name, known in self._digests.items() if compare_digest(known, given)]
        return names[0] if names and scheme.lower() == "bearer" else None

    def wait_ms(self, producer: str, now: int) -> int:
        """How long the producer must wait before its next request; 0 is not at all."""
        return self._bucket(producer, now).wait_ms(now)

    def spend(self, producer: str, events: int, now: int) -> None:
        """Count what a request carried."""
        self._buckets[producer] = self._bucket(producer, now).spend(events, now)

    def _bucket(self, producer: str, now: int) -> Bucket:
        rate, burst = self._settings.events_per_second, self._settings.burst_events
        return self._buckets.get(producer) or Bucket.full(rate, burst, now)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
