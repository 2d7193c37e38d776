"""The fetch settings of librdkafka that were fastest here, for everybody who uses it."""

from __future__ import annotations

FETCHING: dict[str, str] = {
    "fetch.max.bytes": str(64 << 20),
    "max.partition.fetch.bytes": str(8 << 20),
    "queued.max.messages.kbytes": "500000",
    "fetch.wait.max.ms": "50",
}
AT_ONCE = 20_000  # messages asked for in one call
