"""What the documents promise: commands, files and links that exist, and words that match."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from streams.cli import COMMANDS
from streams.sources import SOURCES

ROOT = Path(__file__).parents[2]
OURS = "schemas|streams|sinks|tests|benchmarks|docs"
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_command_named_is_one(document: Path) -> None:
    named = set(re.findall(r"\bvouch ([a-z]+)", document.read_text()))
    assert named <= set(COMMANDS)


def test_the_readme_names_every_command_but_the_demo_of_make() -> None:
    text = (ROOT / "README.md").read_text()
    assert {name for name in COMMANDS if f"vouch {name}" not in text} == {"demo"}
    assert all(f"vouch import {name}" in text for name in SOURCES)


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_links_and_paths_lead_somewhere(document: Path) -> None:
    text = document.read_text()
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_path_and_module_named_is_there(document: Path) -> None:
    """In a sentence or in a command: a file, a folder, several files, a module or what is in it."""
    text = document.read_text()
    paths = re.findall(rf"(?<![\w./-])((?:{OURS})/[\w./*-]*)", text)
    assert [path for path in paths if not list(ROOT.glob(path.rstrip("/.")))] == []
    modules = re.findall(rf"(?<![\w./-])(?:{OURS})(?:\.\w+)+(?![\w/])", text)
    assert [name for name in modules if not _is_module(name)] == []


def _is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return any(p.is_dir() or p.with_suffix(".py").exists() for p in (path, path.parent))


def test_every_document_that_code_cites_is_there() -> None:
    """A citation is the document's path in this repository, and a section is a heading of it."""
    cited = [
        (_name(path), *found)
        for top in OURS.split("|")
        for path in (ROOT / top).rglob("*.*")
        if path.suffix in {".py", ".sql", ".toml", ".html"}
        for found in re.findall(
            r"`([\w./-]+\.md)`(?: (?:section )?(\d+(?:\.\d+)*))?", path.read_text()
        )
    ]
    assert len(cited) > 20
    assert [citation for citation in cited if not _cites(*citation[1:])] == []


def _cites(document: str, section: str) -> bool:
    path, heading = ROOT / document, rf"(?m)^#+ {re.escape(section)}\.? "
    return path.exists() and (not section or bool(re.search(heading, path.read_text())))


@pytest.mark.parametrize("target", ["demo", "test"])
def test_the_two_commands_are_targets_of_make(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert f"make {target}" in (ROOT / "README.md").read_text()


def test_locks_carry_hashes_and_no_address() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        text = lock.read_text()
        assert "--hash=sha256:" in text
        assert not re.search(r"https?://|--index-url|--find-links", text)
