"""What a user is told when something is not as it should be: words, a status, no traceback."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from schemas.event import Data, Event, encode
from schemas.measures import MEASURES
from schemas.topics import EVENTS
from streams.cli import COMMANDS, main
from streams.commands.intake import catch_up
from streams.home import Home
from tests.e2e.world import archived, figures, imported, jsonl, serving, until, vouch

DAY = ("--from", "2026-01-05", "--to", "2026-01-06")


def _arrivals(count: int, tag: str = "c") -> list[bytes]:
    return [
        encode(
            Event(
                time=f"2026-01-05T15:00:{n % 60:02d}.000Z",
                source="acd",
                id=f"{tag}{n}",
                type="contact.arrived",
                subject=f"{tag}{n}",
                data=Data(department="ircc", channel="phone"),
            )
        )
        for n in range(count)
    ]


def _fails(
    capture: pytest.CaptureFixture[str], *words: str, status: int = 1, saying: str = ""
) -> None:
    try:
        ended = main(words)
    except SystemExit as stopped:
        ended = int(str(stopped.code))
    told = capture.readouterr()
    assert (ended, told.out) == (status, ""), told
    assert saying in told.err
    assert "Traceback" not in told.err


@pytest.mark.parametrize(
    ("words", "saying"),
    [
        (("nothing",), "there is no command 'nothing'"),
        (("measures", "--from", "yesterday", "--to", "2026-01-06"), "'yesterday' is not a day"),
        (("measures", "--from", "2026-01-05"), "--to"),
        (("measures", *DAY, "--format", "xml"), "invalid choice: 'xml'"),
        (("measures", *DAY, "--engine", "faust"), "invalid choice: 'faust'"),
        (("import", "cisco", "file"), "invalid choice: 'cisco'"),
        (("import", "technion"), "FILE"),
        (("import", "technion", "--zone", "Mars/Olympus", "f"), "'Mars/Olympus' is not a time"),
        (("import", "technion", "--zone", "America", "f"), "'America' is not a time zone"),
        (("simulate", "--days", "0"), "'0' is not a whole number from 1 on"),
        (("simulate", "--start", "2026-02-30"), "'2026-02-30' is not a day"),
        (("simulate", "--scale", "nan"), "'nan' is not a number above 0"),
        (("simulate", "--speed", "-1"), "'-1' is not a number above 0"),
        (("run", "--port", "65536"), "'65536' is not a port"),
        (("verify", "everything"), "invalid choice: 'everything'"),
    ],
)
def test_wrong_options_are_refused_before_anything_is_done(
    words: tuple[str, ...], saying: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    more = () if words == ("nothing",) else ("--data", str(data))
    _fails(capsys, *words, *more, status=2, saying=saying)
    assert not data.exists()


@pytest.mark.parametrize(
    ("words", "saying"),
    [
        (("measures", *DAY), "there is nothing in"),
        (("contact", "c1"), "there is nothing in"),
        (("views",), "there is nothing in"),
        (("import", "technion", "no-such-file"), "not a file: no-such-file"),
        (("definitions", "no.such"), "there is no measure 'no.such'"),
        (("measures", "--from", "2026-01-06", "--to", "2026-01-05"), "must be after --from"),
        (("measures", *DAY, "--by", "colour"), "--by colour: not one of"),
        (("measures", *DAY, "--by", "day,hour"), "one length of period at a time"),
        (("measures", *DAY, "--measure", "no.such"), "--measure no.such: no such measure"),
    ],
)
@pytest.mark.parametrize("folder", ["fresh", "empty"])
def test_a_folder_without_facts(
    words: tuple[str, ...],
    saying: str,
    folder: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = tmp_path / folder
    if folder == "empty":
        data.mkdir()
    _fails(capsys, *words, "--data", str(data), saying=saying)
    assert not list(tmp_path.glob("*/*"))


def test_a_fresh_folder_has_no_archive_to_verify(tmp_path: Path) -> None:
    done = vouch(tmp_path / "data", "verify", "archive")
    assert (done.returncode, b"there is no commit log here" in done.stdout) == (1, True)


def test_a_data_folder_that_is_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = jsonl(tmp_path / "a-file", _arrivals(1))
    for words in (("import", "events", str(path)), ("run",), ("simulate",)):
        _fails(capsys, *words, "--data", str(path), saying=str(path))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    unreadable = "/proc/self/mem"  # a regular file, of which nobody may read the first byte
    done = vouch(tmp_path / "data", "import", "events", unreadable)
    assert done.returncode == 1
    assert b"vouch import: " in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_gzip_file_cut_short_keeps_what_came_before_the_cut(tmp_path: Path) -> None:
    whole = gzip.compress(b"".join(value + b"\n" for value in _arrivals(30_000)))
    path = tmp_path / "cut.gz"
    path.write_bytes(whole[: len(whole) // 2])
    done = vouch(tmp_path / "data", "import", "events", str(path))
    assert done.returncode == 1
    assert b"cut.gz: damaged gzip data" in done.stderr
    assert b"Traceback" not in done.stderr
    accepted = int(done.stdout.splitlines()[1].split()[0].replace(b",", b""))
    assert 0 < accepted < 30_000
    assert sum(map(len, archived(tmp_path / "data").values())) == accepted


def test_rejected_lines_are_accounted_for_and_the_status_says_so(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "some.jsonl", [*_arrivals(3), b"{}", b"\xff", b""])
    done = vouch(tmp_path / "data", "import", "events", str(path))
    assert done.returncode == 1
    assert b"         6 lines read\n         3 accepted: 3 contacts, 3 events" in done.stdout
    assert done.stdout.count(b"rejected, kept as dead letters") == 2


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("[gateway]\nprot = 1\n", "prot"),
        ("[gateway]\nport = 'x'\n", "$.gateway.port"),
        ("[gateway]\nport = 70000\n", "$.gateway.port"),
        ("[gateway.tokens]\nswitch = 'short'\n", "$.gateway.tokens"),
        ("[gatewey]\n", "gatewey"),
        ("[gateway\n", "line 1"),
    ],
)
def test_a_wrong_field_of_the_settings_is_named(
    text: str, field: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "vouch.toml").write_text(text)
    _fails(capsys, "run", "--data", str(tmp_path), saying=field)


def test_an_occupied_port_and_a_second_server(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = vouch(tmp_path / "data", "run", "--port", str(port))
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}".encode() in done.stderr
    with serving(tmp_path / "data") as server:
        second = vouch(tmp_path / "data", "run", "--port", "0")
        assert (second.returncode, second.stdout) == (1, b"")
        assert b"another process is working in" in second.stderr
        assert server.post(_arrivals(1))[0] == 200
        assert server.stop() == 0
    for words in (done.stderr, second.stderr):
        assert b"Traceback" not in words


def test_measures_and_import_beside_a_running_server(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as server:
        assert b"Nothing was counted yet" in vouch(data, "measures", *DAY).stdout
        assert server.post(_arrivals(10))[0] == 200
        account = imported(data, "events", jsonl(tmp_path / "more", _arrivals(20, "d")))
        assert "A running server archives and counts them." in account
        until(lambda: _arrived(data) == 30)
        live = figures(data, *DAY, "--by", "hour")
        assert figures(data, *DAY, "--by", "hour", "--engine", "sql") == live
        assert not archived(data)  # not yet: SQL was given what the log holds
        assert server.stop() == 0
    assert sum(map(len, archived(data).values())) == 30
    assert figures(data, *DAY, "--by", "hour", "--engine", "sql") == live


def _arrived(data: Path) -> int | None:
    found = msgspec.json.decode(figures(data, *DAY, "--measure", "funnel.arrived"))
    value: int | None = found[0]["value"] if found else None
    return value


def test_rows_taken_in_on_two_days_are_all_archived_at_once(tmp_path: Path) -> None:
    home, day_ms = Home(tmp_path / "data"), 86_400_000
    with closing(home.log()) as log:
        for n, value in enumerate(_arrivals(10)):
            log.append(EVENTS, [("one", value)], 1_767_600_000_000 + n * day_ms)
    assert catch_up(home)
    assert sum(map(len, archived(home.data).values())) == 10


def test_every_definition_and_one_contact(tmp_path: Path) -> None:
    listed = msgspec.json.decode(vouch(tmp_path, "definitions", "--format", "json").stdout)
    assert [row["id"] for row in listed] == list(MEASURES)
    assert all(row["sql"] and row["en"]["name"] and row["fr"]["name"] for row in listed)
    assert {
        line.split()[0] for line in vouch(tmp_path, "definitions").stdout.decode().splitlines()
    } == set(MEASURES)
    data = tmp_path / "data"
    imported(data, "events", jsonl(tmp_path / "a.jsonl", [*_arrivals(2), _arrivals(1)[0]]))
    shown = vouch(data, "contact", "c0").stdout.decode()
    assert "c0: 2 values in the log, 1 distinct events" in shown
    missing = vouch(data, "contact", "c9")
    assert (missing.returncode, b"there is no event of contact 'c9'" in missing.stderr) == (1, True)


def _flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def _halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


@pytest.mark.parametrize(
    ("what", "harm"),
    [("data/**/*.parquet", _flip), ("data/**/*.parquet", Path.unlink), ("log/**/*.json", _halve)],
)
def test_verify_names_a_planted_fault(
    what: str, harm: Callable[[Path], None], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    imported(data, "events", jsonl(tmp_path / "a.jsonl", _arrivals(50)))
    assert vouch(data, "verify", "archive").returncode == 0
    path = sorted((data / "archive").glob(what))[3]
    harm(path)
    done = vouch(data, "verify", "archive")
    assert done.returncode == 1
    assert f"FAULT {path.relative_to(data / 'archive')}".encode() in done.stdout


def test_help_of_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    for name in COMMANDS:
        with pytest.raises(SystemExit) as ended:
            main((name, "--help"))
        assert ended.value.code == 0
        assert f"vouch {name}" in capsys.readouterr().out
    assert main(()) == 2
