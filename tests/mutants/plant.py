"""Planting a fault in a copy of the code, and asking the gate there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tests.mutants.faults import Fault
from tests.mutants.world import PERIOD

ROOT = Path(__file__).parents[2]
CODE = ("schemas", "streams", "sinks")


@dataclass(frozen=True)
class Found:
    """What the gate made of a fault.

    Attributes:
        status: its exit status; 1 blocks.
        incident: the incident's text; "" where it wrote none.
        said: its last words.
    """

    status: int
    incident: str
    said: str

    def names(self, contact: str) -> bool:
        """Whether the incident names a contact; "" stands for any."""
        return f'"{contact}"' in self.incident if contact else _any_contact(self.incident)


def _any_contact(incident: str) -> bool:
    return any(f'"{name}' in incident for name in ("plain-", "repeated", "comes-", "came-"))


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
    texts = [file.read_text() for file in sorted((copy / "incidents").glob("*.json"))]
    said = (ran.stdout + ran.stderr).decode().strip().splitlines()
    return Found(ran.returncode, "\n".join(map(_compact, texts)), said[-1] if said else "")


def _compact(text: str) -> str:
    return msgspec.json.encode(msgspec.json.decode(text)).decode()


def _change(file: Path, fault: Fault) -> None:
    text = file.read_text()
    if text.count(fault.right) != 1:
        msg = f"{fault.file}: {fault.right!r} is there {text.count(fault.right)} times, not once"
        raise ValueError(msg)
    file.write_text(text.replace(fault.right, fault.wrong))
