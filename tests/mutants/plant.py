"""Planting a fault in a copy of the code, and asking the gate there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec

from streams.gate.forms import Incident
from tests.mutants.faults import Fault
from tests.mutants.world import PERIOD

ROOT = Path(__file__).parents[2]
_incident = msgspec.json.Decoder(Incident).decode
CODE = ("schemas", "streams", "sinks")


@dataclass(frozen=True)
class Found:
    """What the gate made of a fault.

    Attributes:
        status: its exit status; 1 blocks.
        incidents: that it wrote.
        said: its last words.
    """

    status: int
    incidents: list[Incident]
    said: str

    def catches(self, fault: Fault) -> bool:
        """Whether it blocks, and names the fault's contact; where that is "", anybody."""
        return self.status == 1 and self._names(fault.contact)

    def _names(self, contact: str) -> bool:
        figures = [figure for incident in self.incidents for figure in incident.figures]
        named = {listed.contact for figure in figures for listed in figure.contacts}
        named.update(name for incident in self.incidents for name in incident.contacts)
        if contact:
            return contact in named
        return bool(named) or any(figure.partitions for figure in figures)


def planted(fault: Fault | None, data: Path, folder: Path) -> Found:
    """What the gate says of a data folder where this fault is in the code; None: no fault.

    Raises:
        ValueError: the text that the fault replaces is not there once.
    """
    tree, copy = folder / "tree", folder / "data"
    for package in CODE:
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pyc*"))
    if fault is not None:
        _change(tree / fault.file, fault)
    shutil.copytree(data, copy, ignore=shutil.ignore_patterns("state"))
    command = [sys.executable, "-m", "streams.cli", "gate", PERIOD, "--data", str(copy)]
    ran = subprocess.run(
        [*command, "--workers", "1"], cwd=tree, capture_output=True, check=False, timeout=300
    )
    found = [_incident(file.read_bytes()) for file in sorted((copy / "incidents").glob("*.json"))]
    said = (ran.stdout + ran.stderr).decode().strip().splitlines()
    return Found(ran.returncode, found, said[-1] if said else "")


def _change(file: Path, fault: Fault) -> None:
    text = file.read_text()
    if text.count(fault.right) != 1:
        msg = f"{fault.file}: {fault.right!r} is there {text.count(fault.right)} times, not once"
        raise ValueError(msg)
    file.write_text(text.replace(fault.right, fault.wrong))
