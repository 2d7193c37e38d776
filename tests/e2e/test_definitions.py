"""`vouch definitions`: the list, one whole, as data, and as a page of two files."""

from __future__ import annotations

from pathlib import Path

import msgspec

from schemas.measures import MEASURES
from streams.gateway.definitions import render
from tests.e2e.world import vouch


def test_the_page_is_written_in_both_languages(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "site"
    done = vouch(tmp_path, "definitions", "--html", str(folder))
    assert done.returncode == 0, done.stderr.decode()
    written = sorted(folder.iterdir())
    assert [path.name for path in written] == ["definitions.en.html", "definitions.fr.html"]
    assert done.stdout.decode().split() == [str(path) for path in written]
    assert written[0].read_text(encoding="utf-8") == render("en", alone=True)
    assert written[1].read_text(encoding="utf-8") == render("fr", alone=True)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = vouch(tmp_path, "definitions", "--html", str(tmp_path / "file"))
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"vouch definitions: " in done.stderr


def test_as_data_with_every_part(tmp_path: Path) -> None:
    done = vouch(tmp_path, "definitions", "email.within_3", "--format", "json")
    (row,) = msgspec.json.decode(done.stdout)
    assert (row["relation"], row["kind"], row["unit"]) == ("messages", "ratio", "%")
    assert (row["numerator"], row["denominator"]) == ("email.within_3", "email.due_3")
    assert set(row["exclusions"]) == set(row["rounding"]) == {"en", "fr"}
    assert [term["moment"] for term in row["terms"]] == ["received_ms", "received_ms"]
    assert [version["number"] for version in row["versions"]] == [1]
    assert row["sql"].startswith("-- email.within_3, version 1: ")


def test_one_whole_and_the_list(tmp_path: Path) -> None:
    whole = vouch(tmp_path, "definitions", "email.lower_bound_mean").stdout.decode()
    assert "in days, from 1999-01-01, counts rows of messages" in whole
    assert "email.delay + 86_400_000 * email.age  /  email.answered + email.open" in whole
    assert "email.age: not parliamentary and open, sum of elapsed_whole_days" in whole
    listed = vouch(tmp_path, "definitions").stdout.decode().splitlines()
    assert [line.split()[0] for line in listed] == list(MEASURES)
