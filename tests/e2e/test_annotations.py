"""Annotations: of the package and of the folder, beside the figures of their days."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.folder import Folder, call

OWN = """
[[annotation]]
day = 2026-01-05
department = "ircc"
en = "The switch of Montréal was down until noon."
fr = "Le commutateur de Montréal était en panne jusqu’à midi."
source = "Incident 17"

[[annotation]]
day = 2026-01-05
en = "A storm."
fr = "Une tempête."
source = "Environment"
"""
DAY = ("--from", "2026-01-05", "--to", "2026-01-06")
NOTES = [
    "2026-01-05        A storm. [Environment]",
    "2026-01-05  ircc  The switch of Montréal was down until noon. [Incident 17]",
]


@pytest.fixture
def folder(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Folder:
    found = Folder(tmp_path / "data", capfdbinary)
    found.tell(call("2026-01-05T14:00", "one"))
    return found


def test_the_package_has_some_and_a_folder_adds_its_own(folder: Folder) -> None:
    packaged = folder.run("annotations").out.splitlines()
    assert packaged[0].startswith("2019-04-01  ircc  Callback offered to economic-class permanent")
    (folder.path / "annotations.toml").write_text(OWN, encoding="utf-8")
    assert folder.run("annotations").out.splitlines() == packaged + NOTES
    assert folder.run("annotations", *DAY).out.splitlines() == NOTES
    in_french = folder.run("annotations", *DAY, "--lang", "fr").out.splitlines()
    assert in_french[0] == "2026-01-05        Une tempête. [Environment]"
    assert folder.run("annotations", "--from", "2026-01-06").out == ""


def test_they_stand_under_the_table_of_their_days_and_nowhere_else(folder: Folder) -> None:
    (folder.path / "annotations.toml").write_text(OWN, encoding="utf-8")
    asked = ("measures", *DAY, "--measure", "funnel.arrived")
    assert folder.run(*asked).out.splitlines()[-2:] == NOTES
    other = ("measures", "--from", "2026-01-06", "--to", "2026-01-07")
    assert "A storm" not in folder.run(*other).out
    for form in ("csv", "json"):
        assert "A storm" not in folder.run(*asked, "--format", form).out


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (OWN.replace("day = 2026-01-05\nen", 'day = "5 January"\nen'), "annotation 2: day"),
        (OWN.replace('source = "Environment"', ""), "annotation 2: Object missing required field"),
        (OWN.replace("fr =", "de ="), "annotation 1: Object contains unknown field `de`"),
        ("[[annotation]", "is not TOML"),
        ("[[note]]", "Object contains unknown field `note`"),
    ],
)
def test_a_wrong_row_is_named_before_anything_is_printed(
    folder: Folder, text: str, problem: str
) -> None:
    path = folder.path / "annotations.toml"
    path.write_text(text, encoding="utf-8")
    for words in (("annotations",), ("measures", *DAY)):
        said = folder.run(*words)
        assert (said.status, said.out) == (1, "")
        assert said.err.startswith(f"vouch {words[0]}: {path}: ")
        assert problem in said.err


def test_a_file_that_is_no_text_is_named(folder: Folder) -> None:
    path = folder.path / "annotations.toml"
    path.write_bytes(OWN.encode("latin-1", "replace"))
    assert folder.run("annotations").err == f"vouch annotations: {path}: is not UTF-8\n"
