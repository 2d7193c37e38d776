"""Settings of the gateway: every field with its unit, its default and what it is for."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

MIB = 1 << 20
Positive = Annotated[int, Meta(gt=0)]


class Gateway(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The section `[gateway]` of the configuration.

    Attributes:
        host: address to listen on; the page and the metrics ask for no token, so this
            machine only by default.
        port: TCP port; 0 takes a free one.
        tokens: producer's name -> its bearer token, 16 characters or more. The name appears
            in dead letters, the token nowhere.
        open: take events from anybody when no token is set; else the gateway refuses to start.
        body_bytes: longest body, in bytes after decompression; longer ones are refused unread.
        event_bytes: longest single event, in bytes.
        batch_events: most events in one body.
        body_seconds: how long a body may take to arrive, in seconds.
        requests_at_once: most bodies held in memory at a time.
        pending_bytes: most bytes waiting to become durable.
        events_per_second: rate allowed to each token, in events a second.
        burst_events: how far a token may run ahead of its rate, in events.
        retry_after_s: what a refused producer is told to wait, in seconds.
        lag_events: events that the live worker may be behind before `/readyz` says no.
        refresh_s: how often the page asks for itself again, in seconds.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535)] = 8780
    tokens: dict[str, Annotated[str, Meta(min_length=16)]] = {}
    open: bool = False
    body_bytes: Positive = 8 * MIB
    event_bytes: Positive = 64 * 1024
    batch_events: Positive = 10_000
    body_seconds: Positive = 30
    requests_at_once: Positive = 64
    pending_bytes: Positive = 64 * MIB
    events_per_second: Positive = 100_000
    burst_events: Positive = 200_000
    retry_after_s: Positive = 2
    lag_events: Positive = 400_000
    refresh_s: Positive = 5
