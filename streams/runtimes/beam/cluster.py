"""A Flink cluster on this machine: one JobManager and some TaskManagers, each a process."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from streams.runtimes.beam import alone
from streams.runtimes.beam.flink_pieces import READY_S, java, settings
from streams.runtimes.beam.programs import Program, free_ports, running

_JOB_MANAGER = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
_TASK_MANAGER = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"


@dataclass(frozen=True)
class Cluster:
    """A Flink on this machine.

    Attributes:
        master: HOST:PORT of the JobManager's REST interface; what `flink` takes.
        task_managers: their processes; the first is number 1.
    """

    master: str
    task_managers: Sequence[Program]

    def kill(self, number: int) -> None:
        """End a TaskManager as a power cut does (SIGKILL)."""
        self.task_managers[number - 1].kill()

    def ask(self, path: str) -> Any:
        """Flink's answer to a path of its REST interface, such as /jobs/overview.

        Raises:
            OSError: it did not answer.
        """
        with urlopen(f"http://{self.master}{path}", timeout=10) as answer:
            return json.load(answer)

    def has(self, name: str) -> bool:
        """Whether the JobManager knows a TaskManager of that name."""
        try:
            known = self.ask("/taskmanagers")["taskmanagers"]
        except OSError:
            return False
        return any(each["id"] == name for each in known)


@contextmanager
def cluster(
    jars: Path, folder: Path, task_managers: int = 2, *, open_ports: bool = False
) -> Iterator[Cluster]:
    """A cluster, ready. Every TaskManager has slots for all: one that is left can finish a job.

    Raises:
        Stop: no Java, no jars, not alone; or a piece died or was not there in time: with its
            last words, which are in `folder` as well.
    """
    alone.demand(open_ports=open_ports)
    folder = folder.absolute()
    rest, rpc = free_ports(2)
    ports = {"rest.port": rest, "jobmanager.rpc.port": rpc}
    configured = ["--configDir", str(settings(folder, task_managers, ports))]
    begin = java(jars, folder, heap="512m")
    manager = [*begin, _JOB_MANAGER, *configured, "--executionMode", "cluster"]
    task = [*begin, _TASK_MANAGER, *configured, "-D"]
    with ExitStack() as programs:
        programs.enter_context(running("job-manager", manager, folder))
        names = [f"task-manager-{number}" for number in range(1, task_managers + 1)]
        made = Cluster(
            f"127.0.0.1:{rest}",
            [
                programs.enter_context(
                    running(name, [*task, f"taskmanager.resource-id={name}"], folder)
                )
                for name in names
            ],
        )
        for each in made.task_managers:
            each.wait_for(partial(made.has, each.name), READY_S, "its registration")
        yield made
