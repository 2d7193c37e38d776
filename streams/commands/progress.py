"""One progress bar for all long work; silent where nobody watches."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Advance(Protocol):
    """Moves a bar on by so many steps."""

    def __call__(self, steps: int = 1) -> None:
        """Move on."""
        ...


@contextmanager
def bar(words: str, total: int | None) -> Iterator[Advance]:
    """A bar on standard error; `total` None where the end is not known."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, TimeElapsedColumn(), console=console, disable=not sys.stderr.isatty()
    ) as progress:
        task = progress.add_task(words, total=total)

        def advance(steps: int = 1) -> None:
            progress.advance(task, steps)

        yield advance
