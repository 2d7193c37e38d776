"""A cluster loses a TaskManager in the middle of a recomputation, and the figures are the same.

Not among the quick tests, so not named like one: `make cluster` runs it, in a network of its own.
"""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import get_native_id
from typing import Any

import pytest

from schemas.errors import Stop
from streams.runtimes.beam.cluster import Cluster, cluster
from streams.runtimes.beam.flink import flink
from tests.flink.jobs import recomputed

EVENTS = 400_000
LOST = 2  # the TaskManager that is killed

pytestmark = pytest.mark.timeout(900)


def test_a_lost_task_manager_changes_no_figure(
    jars: Path, home: Path, local: bytes, tmp_path: Path
) -> None:
    with (
        cluster(jars, tmp_path / "cluster") as cluster_,
        flink(jars, tmp_path / "jobs", cluster_.master) as options,
        ThreadPoolExecutor(1) as beside,
    ):
        job = beside.submit(recomputed, home, options, tmp_path / "scratch")
        lost = cluster_.task_managers[LOST - 1]
        lost.wait_for(
            lambda: job.done() or midway(cluster_, lost.name), 300, "shares being counted on it"
        )
        assert not job.done(), job.result()
        cluster_.kill(LOST)
        figures = job.result()
        ended = newest(cluster_)
        assert ended["state"] == "FINISHED"
        assert restarts(cluster_, ended["jid"]) >= 1
        assert figures == local


def test_a_job_server_that_dies_leaves_its_last_words(jars: Path, tmp_path: Path) -> None:
    with pytest.raises(Stop, match="job-server ended"), flink(jars, tmp_path):
        begun = Path(f"/proc/self/task/{get_native_id()}/children").read_text().split()
        (server,) = [pid for pid in begun if Path(f"/proc/{pid}/comm").read_text() == "java\n"]
        os.kill(int(server), signal.SIGKILL)
        raise ConnectionError("what Beam's client says of it")


def midway(flink: Cluster, name: str) -> bool:
    """Whether a TaskManager has begun to count a share, and none is through with its own."""
    found = newest(flink)
    if found is None or found["state"] != "RUNNING":
        return False
    job = flink.ask(f"/jobs/{found['jid']}")
    counting = [each["id"] for each in job["vertices"] if "count" in each["name"]]
    parts = [
        part
        for vertex in counting
        for part in flink.ask(f"/jobs/{found['jid']}/vertices/{vertex}")["subtasks"]
    ]
    running = all(part["status"] == "RUNNING" for part in parts)
    return running and any(
        part["taskmanager-id"] == name and part["metrics"]["read-records"] for part in parts
    )


def newest(flink: Cluster) -> Any:
    """The job that was begun last, as Flink tells it; None before the first."""
    jobs = flink.ask("/jobs/overview")["jobs"]
    return max(jobs, key=lambda job: job["start-time"], default=None)


def restarts(flink: Cluster, job: str) -> int:
    """How often Flink began some part of a job again."""
    vertices = flink.ask(f"/jobs/{job}")["vertices"]
    asked = (flink.ask(f"/jobs/{job}/vertices/{each['id']}") for each in vertices)
    return max(int(part["attempt"]) for vertex in asked for part in vertex["subtasks"])
