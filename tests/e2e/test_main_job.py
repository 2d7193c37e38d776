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
    _shows_rates_together(shown.splitlines())
    for name in ("page.en.html", "page.fr.html", "metrics.txt"):
        assert (data / name).stat().st_size > 0
    assert vouch(data, "verify", "archive").returncode == 0

    (tmp_path / "mine").mkdir()
    refused = vouch(tmp_path / "mine", "demo")
    assert refused.returncode == 1
    assert b"is not a demo's folder" in refused.stderr


def _shows_rates_together(lines: list[str]) -> None:
    """The answer rate with its parts and the access rate; a mean delay with what is still open."""
    first = [line.partition(" ")[0] for line in lines]
    at = first.index("answer.rate")
    rates = ["answer.rate", "answer.live_rate", "answer.callback_rate", "access.rate"]
    assert first[at : at + 4] == rates
    assert any("answer.rate" in line and "access.rate" in line for line in lines)  # a line's own
    for kind in ("email", "parliamentary"):
        at = first.index(f"{kind}.delay_business_mean")
        assert first[at - 1] == f"{kind}.open"
        assert first[at + 1] == f"{kind}.lower_bound_business_mean"
    for rate, other in (("answer.rate", "access.rate"), ("access.rate", "answer.rate")):
        alone = [line for line in lines if rate in line and other not in line]
        assert [line.partition(" ")[0] for line in alone] == [rate]
