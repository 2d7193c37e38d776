"""Asking again while a running server begins, or brings its partitions to one clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from schemas.errors import Retry

PATIENCE_S = 10
_T = TypeVar("_T")


def patiently(read: Callable[[], _T]) -> _T:
    """What `read` gives once it no longer says Retry.

    Raises:
        Retry: it still did after ten seconds.
    """
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return read()
        except Retry:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
