"""For all tests: how long an example takes says something of the machine, not of the code."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings

_TESTS = Path(__file__).parent

settings.register_profile("vouch", deadline=None)
settings.load_profile("vouch")


#: What is aimed at the vocabulary and the core, which all of must be reached; measuring what
#: other tests reach of them would cost a third of their time.
_MEASURED = {"core", "schemas", "gateway", "docs"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that are measured first: others would have filled the core's caches unseen.

    Then the slow ones: for one that began last, everybody would wait.
    """
    items.sort(key=lambda item: (not _measured(item), item.get_closest_marker("slow") is None))
    for item in items:
        if not _measured(item):
            item.add_marker("no_cover")


def _measured(item: pytest.Item) -> bool:
    return item.path.relative_to(_TESTS).parts[0] in _MEASURED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which tests were skipped for want of something on this machine, and of what."""
    why = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", ())
        if isinstance(report.longrepr, tuple)
    )
    for words, number in why.items():
        terminalreporter.write_line(f"{number} skipped: {words}", yellow=True)
