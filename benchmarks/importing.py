"""A telephone system's log into a committed archive: `vouch import`, whole and by its stages.

The bank's four months where they are at hand (VOUCH_TECHNION, a folder), else made-up rows of
the same kind. By the wall, since two processes share the work.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TypeVar

from benchmarks.result import Cost, Result, at_least, cost
from schemas.topics import EVENTS
from streams.clock import now_ms
from streams.commands.intake import BATCH, Intake, archiving
from streams.embedded import Embedded
from streams.sources import source
from streams.sources.files import lines_of
from streams.sources.port import Entry, Rejected, Settings, Tally
from streams.sources.technion_rows import COLUMNS

DATA = Path(os.environ.get("VOUCH_TECHNION", "../shared/data/technion"))
CALLS = 130_000
