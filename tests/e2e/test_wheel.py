"""What is installed: everything the code needs, under names that nobody else claims."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.e2e.world import ROOT

PACKAGES = ("schemas", "streams", "sinks")
NEEDED = {".py", ".sql", ".html", ".css", ".json"}


def _sources() -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_every_file_of_the_three_packages_and_nothing_else(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == _sources()
    assert {Path(name).suffix for name in names} >= NEEDED


def test_the_installed_wheel_serves_its_definitions_from_outside_the_checkout(
    wheel: Path, tmp_path: Path
) -> None:
    with ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    script = (
        "import pathlib, streams.cli as cli, streams.server\n"
        f"assert pathlib.Path(cli.__file__).is_relative_to({str(tmp_path)!r})\n"
        "raise SystemExit(cli.main(['definitions', '--format', 'json']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert b'"sql"' in done.stdout


@pytest.mark.parametrize("package", PACKAGES)
def test_no_other_distribution_claims_the_name(package: str) -> None:
    assert set(packages_distributions().get(package, [])) <= {"vouchline"}
