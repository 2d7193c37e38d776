"""What the tests on Flink stand on: Java, the jars, an archive, and its figures."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Never

import pytest

from benchmarks.archives import archive
from streams.runtimes.beam import alone
from tests.flink.jobs import LOCAL, recomputed

ALONE = [sys.executable, "-m", "streams.runtimes.beam.alone"]
POM = Path(__file__).parents[2] / "deploy/flink/pom.xml"


def absent(what: str) -> Never:
    """Skip with a word; where everything must be there, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def room() -> None:
    """A network of our own can be had here."""
    tried = subprocess.run([*ALONE, "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        absent(tried.stderr)


@pytest.fixture(scope="session")
def jars() -> Path:
    """The folder of jars, made if it is not there: about a minute, once."""
    if shutil.which("java") is None:
        absent("Flink needs Java; there is no `java` on the PATH")
    made = Path(os.environ.get("VOUCH_FLINK_JARS", POM.parent / "jars"))
    if not any(made.glob("beam-runners-flink-*.jar")):
        _make()
    return made


def _make() -> None:
    if shutil.which("mvn") is None:
        absent("the jars of Beam and Flink are made by Maven; there is no `mvn` on the PATH")
    if alone.alone():
        absent("the jars are not there, and here is no network to bring them: `make flink` first")
    made = subprocess.run(
        ["mvn", "-q", "-B", "-f", f"{POM}", "package"], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        absent(f"Maven could not bring the jars of Beam and Flink:\n{made.stdout[-2000:]}")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A data folder with an archive; of how many events, the module's EVENTS says."""
    folder: Path = tmp_path_factory.mktemp("home")
    return archive(folder / "home", request.module.EVENTS)


@pytest.fixture(scope="module")
def local(home: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Its figures as this process counts them."""
    return recomputed(home, LOCAL, tmp_path_factory.mktemp("local"))
