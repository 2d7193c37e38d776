"""The planted faults can be planted; one of the SQL and one of the live state are, for real."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.gate.forms import Contact, Figure, Incident
from tests.mutants.faults import FAULTS, Fault
from tests.mutants.plant import ROOT, Found, planted
from tests.mutants.world import make


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.where}: {fault.what}")
def test_what_a_fault_replaces_is_there_once(fault: Fault) -> None:
    text = (ROOT / fault.file).read_text()
    assert text.count(fault.right) == 1
    assert text.replace(fault.right, fault.wrong) != text


NAMED, ANYBODY = (Fault("SQL", "", "", "", "", name) for name in ("somebody", ""))


def found(*contacts: str, status: int = 1, gone: list[int] | None = None) -> Found:
    """A gate whose one figure lists these contacts, or lacks those partitions."""
    figure = Figure(
        figure="somebody/2026-01",
        readings={},
        partitions={"live": gone or []} if gone else {},
        contacts=[Contact(contact=name, readings={}) for name in contacts],
        words="somebody",
    )
    incident = Incident(
        period="somebody",
        as_of="",
        log="",
        positions=[],
        mismatched=1,
        more=0,
        contacts=[],
        unlike=[],
        figures=[figure],
    )
    return Found(status, [incident], "")


def test_a_fault_is_caught_where_the_gate_blocks_and_lists_whom_it_falls_on() -> None:
    assert found("somebody").catches(NAMED)
    assert found("somebody").catches(ANYBODY)
    assert found(gone=[0]).catches(ANYBODY)
    for blind in (found(), found("another"), found("somebody", status=3), Found(1, [], "")):
        assert not blind.catches(NAMED)
    for blind in (found(), found("another", status=0), Found(1, [], "")):
        assert not blind.catches(ANYBODY)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world") / "data"
    make(folder)
    return folder


@pytest.mark.slow
def test_code_without_a_fault_is_not_blocked(data: Path, tmp_path: Path) -> None:
    sound = planted(None, data, tmp_path)
    assert (sound.status, sound.incidents) == (3, []), sound.said


@pytest.mark.slow
@pytest.mark.parametrize("where", ["SQL", "live"])
def test_a_fault_is_blocked_and_somebody_is_named(where: str, data: Path, tmp_path: Path) -> None:
    fault = next(fault for fault in FAULTS if fault.where == where)
    seen = planted(fault, data, tmp_path)
    assert seen.catches(fault), seen.said
