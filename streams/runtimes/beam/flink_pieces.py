"""How a piece of Flink is started: Java's words, and one configuration for all of them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from schemas.errors import Stop

READY_S = 120.0  # a busy machine; a quiet one takes 5 to 10
# What Flink's own start scripts open of Java 17.
_OPENED = (
    *("java.lang", "java.lang.reflect", "java.net", "java.io", "java.nio", "java.text"),
    *("java.time", "java.util", "java.util.concurrent", "java.util.concurrent.atomic"),
    *("java.util.concurrent.locks", "sun.nio.ch"),
)
_SETTINGS = {
    "jobmanager.rpc.address": "127.0.0.1",
    "jobmanager.bind-host": "127.0.0.1",
    "taskmanager.host": "127.0.0.1",
    "taskmanager.bind-host": "127.0.0.1",
    "rest.address": "127.0.0.1",
    "rest.bind-address": "127.0.0.1",
    "jobmanager.memory.process.size": "1024m",
    # Where one item is left out, a TaskManager dies of a bare IllegalArgumentException.
    "taskmanager.cpu.cores": "1.0",
    "taskmanager.memory.task.heap.size": "256m",
    "taskmanager.memory.task.off-heap.size": "64m",
    "taskmanager.memory.managed.size": "128m",
    "taskmanager.memory.network.min": "128m",
    "taskmanager.memory.network.max": "128m",
    "taskmanager.memory.framework.heap.size": "128m",
    "taskmanager.memory.framework.off-heap.size": "128m",
    "taskmanager.memory.jvm-metaspace.size": "256m",
    "taskmanager.memory.jvm-overhead.min": "192m",
    "taskmanager.memory.jvm-overhead.max": "192m",
    # Work goes to all TaskManagers, not to the first until it is full.
    "taskmanager.load-balance.mode": "SLOTS",
    "classloader.resolve-order": "parent-first",
    "heartbeat.interval": "1000",
    "heartbeat.timeout": "6000",
    "slot.request.timeout": "60000",
    "restart-strategy.type": "fixed-delay",
    "restart-strategy.fixed-delay.attempts": "5",
    "restart-strategy.fixed-delay.delay": "2 s",
    "metrics.fetcher.update-interval": "500",
}


def java(jars: Path, folder: Path, heap: str) -> list[str]:
    """The words that start Java with every jar, within so much heap."""
    if not any(jars.glob("beam-runners-flink-*.jar")):
        msg = f"{jars} has no jars of Beam and Flink; `make flink` brings them (Maven)"
        raise Stop(msg)
    if shutil.which("java") is None:
        raise Stop("Flink needs Java 17 or later; there is no `java` on the PATH")
    temporary = folder / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    return [
        "java",
        f"-Xmx{heap}",
        "-XX:MaxDirectMemorySize=512m",
        "-XX:-UsePerfData",
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
        f"-Djava.io.tmpdir={temporary}",
        *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED),
        "-cp",
        f"{jars}/*",
    ]


def settings(folder: Path, slots: int, ports: Mapping[str, int] | None = None) -> Path:
    """Write Flink's configuration; returns its folder.

    Args:
        folder: takes it, and what passes through.
        slots: of every TaskManager; one for each part of a job that it may do at once.
        ports: those that must be known to others, by name.
    """
    path, passing = folder / "conf", str(folder / "tmp")
    path.mkdir(parents=True, exist_ok=True)
    own = {
        "io.tmp.dirs": passing,
        "web.upload.dir": passing,
        "taskmanager.numberOfTaskSlots": slots,
        **(ports or {}),
    }
    lines = [f"{key}: {value}\n" for key, value in (_SETTINGS | own).items()]
    (path / "config.yaml").write_text("".join(lines))
    return path
