"""Runners by name. The runner is always named: Beam's default tries to download another."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCAL = "local"
NAMES = (LOCAL, "flink")
JARS = Path("deploy/flink/jars")


@contextmanager
def options_of(
    name: str,
    folder: Path,
    *,
    at_once: int = 2,
    master: str = "[local]",
    open_ports: bool = False,
) -> Iterator[list[str]]:
    """The options of Beam for a runner, which is there as long as the context is.

    Args:
        name: one of NAMES.
        folder: takes the logs of what is begun.
        at_once: how many partitions Flink folds at once.
        master: of Flink: the address of a cluster, or one that is begun for the moment.
        open_ports: Flink may listen where others reach it.

    Raises:
        Stop: it could not be begun; with its last words.
    """
    if name == LOCAL:
        yield ["--runner=FnApiRunner", "--direct_running_mode=in_memory"]
        return
    from streams.runtimes.beam.flink import flink  # noqa: PLC0415

    jars = Path(os.environ.get("VOUCH_FLINK_JARS", JARS))
    with flink(jars, folder, master, workers=at_once, open_ports=open_ports) as options:
        yield options
