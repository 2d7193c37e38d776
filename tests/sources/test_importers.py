"""The importer that the documents show: it is run as it stands there."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from schemas.admission import admit
from schemas.event import decoder
from schemas.record import ContactRecord
from streams.core.fold import fold
from streams.sources.port import Rejected, Settings, Source, Tally
from tests.sources.queue_lines import KEY, NOW

DOCUMENT = Path(__file__).parents[2] / "docs" / "importers.md"
T = 1_767_621_600


def line(at: float, action: str, **more: str) -> bytes:
    headers = {
        "CC-Action": action,
        "CC-Queue": "ei-fr@default",
        "CC-Member-Session-UUID": "7c0f",
        "CC-Member-CID-Number": "+15145550100",
        "Event-Date-Timestamp": str(round((T + at) * 1_000_000)),
    }
    named = {f"CC-{name.replace('_', '-')}": value for name, value in more.items()}
    return json.dumps(headers | named).encode()


def cancelled(reason: str) -> bytes:
    return line(30.5, "member-queue-end", Cause="Cancel", Cancel_Reason=reason)


@pytest.fixture(scope="module")
def code() -> str:
    found = re.search(r"^```python\n(.*?)^```$", DOCUMENT.read_text(), re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def source(code: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    path = tmp_path_factory.mktemp("importer") / "callcenter_of_the_docs.py"
    path.write_text(code)
    spec = spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = sys.modules[path.stem] = module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module.source(Settings(NOW, KEY, department="esdc"))
    del sys.modules[path.stem]


def test_it_is_short(code: str) -> None:
    assert code.count("\n") < 150
    assert max(map(len, code.splitlines())) <= 100


@pytest.mark.parametrize(
    ("last", "place", "reason"),
    [
        (line(30.5, "bridge-agent-start", Agent="1001"), "answered", None),
        (cancelled("TIMEOUT"), "other_exit", "timeout"),
        (cancelled("NO_AGENT_TIMEOUT"), "other_exit", "empty"),
        (cancelled("EXIT_WITH_KEY"), "other_exit", "key"),
        (cancelled("BREAK_OUT"), "abandoned", None),
    ],
)
def test_what_it_reads(source: Source, last: bytes, place: str, reason: str | None) -> None:
    lines, tally = [last, line(0, "member-queue-start"), line(0, "members-count")], Tally()
    told = [one for facts in source.read(lines, "f", tally) for one in facts]
    values = [one[1] for one in told if isinstance(one, tuple)]
    record = fold(values, NOW)
    assert isinstance(record, ContactRecord)
    assert (record.place, record.exit_reason, record.queue_ms) == (place, reason, 30_500)
    assert record.caller is not None
    assert all(admit(value, NOW) == (decoder.decode(value), value) for value in values)
    assert (tally.left_out.total(), tally.unaccounted) == (1, 0)


@pytest.mark.parametrize(
    "raw", [b"{", b"[1]", b'{"CC-Action": 1}', line(0, "member-queue-end", Queue=""), b"\xff"]
)
def test_what_it_rejects(source: Source, raw: bytes) -> None:
    tally = Tally()
    (letter,) = source.read([raw], "f", tally)
    assert isinstance(letter, Rejected)
    assert (tally.rejected.total(), tally.unaccounted) == (1, 0)
