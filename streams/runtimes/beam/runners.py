"""Runners by name. The runner is always named: Beam's default tries to download another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

LOCAL = "local"
NAMES = (LOCAL, "flink")


@contextmanager
def options_of(name: str) -> Iterator[list[str]]:
    """The options of Beam for a runner, which is there as long as the context is."""
    if name == LOCAL:
        yield ["--runner=FnApiRunner", "--direct_running_mode=in_memory"]
        return
    raise NotImplementedError(name)
