"""Beam on Flink: a job server, with a Flink of its own inside or before a cluster.

It comes from the folder of jars that `deploy/flink` makes, listens on free ports, and ends with
the block that began it. Beam's ports listen on every interface: `alone.enter` comes first.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shlex import quote

from streams.runtimes.beam import alone
from streams.runtimes.beam.flink_pieces import READY_S, java, settings
from streams.runtimes.beam.programs import free_ports, listens, running

EMBEDDED = "[local]"
_SETTLED_S = 2.0  # the sockets of what is killed close before it has ended
_JOB_SERVER = "org.apache.beam.runners.flink.FlinkJobServerDriver"


@contextmanager
def flink(
    jars: Path,
    folder: Path,
    master: str = EMBEDDED,
    *,
    workers: int = 2,
    environment: Mapping[str, str] | None = None,
    open_ports: bool = False,
) -> Iterator[list[str]]:
    """A job server, ready; yields the options that bring a pipeline to it.

    Args:
        jars: the folder of jars that `deploy/flink/pom.xml` makes.
        folder: takes configuration, logs (also the Python workers') and what passes through.
        master: `[local]`, Flink inside the job server, or HOST:PORT of a JobManager's REST.
        workers: how many partitions are folded at once.
        environment: what a Python worker finds in its environment, beside its parent's.
        open_ports: go on although others may reach the ports.

    Raises:
        Stop: no Java, no jars, not alone; or the job server died, then or later, or was not
            ready in time: with its last words.
    """
    alone.demand(open_ports=open_ports)
    folder = folder.absolute()
    port, artifacts = free_ports(2)
    command = [
        *java(jars, folder, heap="1g"),
        _JOB_SERVER,
        f"--flink-master={master}",
        f"--flink-conf-dir={settings(folder, workers)}",
        "--job-host=127.0.0.1",
        f"--job-port={port}",
        f"--artifact-port={artifacts}",
        "--expansion-port=-1",
        f"--artifacts-dir={folder / 'artifacts'}",
    ]
    process = {"command": str(_boot(folder)), "env": dict(environment or {})}
    options = [
        "--runner=PortableRunner",
        f"--job_endpoint=127.0.0.1:{port}",
        f"--parallelism={workers}",
        "--environment_type=PROCESS",
        f"--environment_config={json.dumps(process)}",
        f"--sdk_worker_parallelism={workers if master == EMBEDDED else 1}",
        "--environment_cache_millis=60000",  # one worker for all stages of a job, not one for each
    ]
    with running("job-server", command, folder) as server:
        # Without anyone listening there, Beam's client would wait for ever.
        server.wait_for(lambda: listens(port), READY_S, f"a job server on port {port}")
        try:
            yield options
        except Exception:
            server.demand(_SETTLED_S)
            raise


def _boot(folder: Path) -> Path:
    """Write the executable that Flink starts for each Python worker; its words go beside it."""
    path, log = folder / "boot", f"{quote(str(folder))}/worker-$$.log"
    python = f"{quote(sys.executable)} -m streams.runtimes.beam.boot"
    path.write_text(f'#!/bin/sh\nexec {python} "$@" >>{log} 2>&1\n')
    path.chmod(0o755)
    return path
