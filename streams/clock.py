"""The one place that asks what time it is."""

import time


def now_ms() -> int:
    """Wall-clock time, UTC milliseconds since 1970."""
    return time.time_ns() // 1_000_000
