"""A full disk: intake says so, nothing acknowledged is lost, and all goes on when it has room."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sinks.archive.verifier import verify
from streams.simulator import simulate
from tests.e2e.world import archived, encoded, figures, said, serving, until
from tests.small_disk import small_disk

DAYS = ("--from", "2026-01-05", "--to", "2026-01-08", "--by", "day,queue")


def _fill(ballast: Path) -> None:
    """Take all the room there is."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 4096):
                pass
        except OSError:
            return


def test_a_full_disk_stops_intake_with_words_and_loses_nothing(tmp_path: Path) -> None:
    values = encoded(simulate(date(2026, 1, 5), 2, 5, scale=0.5))
    batches = iter([values[i : i + 100] for i in range(0, len(values), 100)])
    acknowledged: list[bytes] = []
    with small_disk(tmp_path / "disk", 12) as disk:
        data, ballast = disk / "data", disk / "ballast"
        with serving(data) as server:
            for batch, _ in zip(batches, range(10), strict=False):
                assert server.post(batch)[0] == 200
                acknowledged += batch
            until(server.counted)
            _fill(ballast)
            refused: list[list[bytes]] = []
            words = ""
            for batch in batches:
                status, words = server.post(batch)
                if status == 200:
                    acknowledged += batch  # room that the log had already
                    continue
                assert (status, "full" in words) == (503, True), words
                refused.append(batch)
                if len(refused) == 3:
                    break
            assert len(refused) == 3, "the disk never was full"
            assert server.get("/healthz") == "alive\n"
            assert server.process.poll() is None

            ballast.unlink()
            for batch in refused:
                until(lambda batch=batch: server.post(batch)[0] == 200)  # type: ignore[misc]
                acknowledged += batch
            until(server.counted)
            until(lambda: server.get("/readyz") == "ready\n")
            assert server.stop() == 0
        values_kept = [value for rows in archived(data).values() for _, value in rows]
        assert sorted(values_kept) == sorted(acknowledged)
        assert not verify(data / "archive").faults
        assert figures(data, *DAYS) == figures(data, *DAYS, "--engine", "sql")
        assert "Traceback" not in said(data)
