"""Copies of states, where the folder that all machines share is not there."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from schemas.errors import Retry
from streams.kafka.copies import Copies


def test_a_folder_that_is_away_has_no_copies_and_keeps_nobody_from_opening(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    away = Copies(tmp_path / ("x" * 300), "log-rules")  # a name that no file system takes
    assert away.newest(3) is None
    assert "the copies of partition 3 cannot be looked at: " in caplog.text
    with pytest.raises(Retry, match="x"):
        away.put(3, tmp_path / "state.sqlite", 1)
