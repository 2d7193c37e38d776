"""`vouch demo`, as `make demo` runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.world import vouch


@pytest.mark.slow
def test_the_main_job_says_equal_to_the_unit_and_cuts_no_figure(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    done = vouch(data, "demo")
    shown = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    assert "live and by SQL: equal to the unit." in shown
    assert "…" not in shown
    assert "IS NOT" not in shown
    for name in ("page.en.html", "page.fr.html", "metrics.txt"):
        assert (data / name).stat().st_size > 0
    assert vouch(data, "verify", "archive").returncode == 0

    (tmp_path / "mine").mkdir()
    refused = vouch(tmp_path / "mine", "demo")
    assert refused.returncode == 1
    assert b"is not a demo's folder" in refused.stderr
