"""Faults that somebody could have written: each is one replacement in one file.

The gate must find every one of them, and name a contact that it falls on.
"""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """One fault.

    Attributes:
        where: the computation that it is planted in.
        what: in words.
        file: that is changed.
        right, wrong: the text in it, which is there once, and what stands there instead.
        contact: one that the gate must name; "" where the fault falls on many.
    """

    where: str
    what: str
    file: str
    right: str
    wrong: str
    contact: str = ""


FAULTS = (
    Fault(
        "core",
        "a boundary: a wait of exactly 120 s is no more within 120 s",
        "schemas/measures/waits.py",
        "and wait_ms <= {",
        "and wait_ms < {",
        "waits-120s",
    ),
    Fault(
        "core",
        "a boundary: silent for exactly 12 h is not yet lost sight of",
        "streams/core/funnel.py",
        "as_of - last_ms >= SILENCE",
        "as_of - last_ms > SILENCE",
        "silent-12h",
    ),
    Fault(
        "core",
        "a boundary: back after exactly 168 h is no repeat",
        "streams/core/callers.py",
        '(ended_ms + REPEAT_WINDOW + 1, "")',
        '(ended_ms + REPEAT_WINDOW, "")',
        "comes-again",
    ),
    Fault(
        "core",
        "a boundary: a neighbour of exactly 30 minutes is none",
        "streams/core/fidelity.py",
        "<= NEIGHBOURS",
        "< NEIGHBOURS",
        "called-back",
    ),
    Fault(
        "core",
        "of contradicting events the wrong one counts",
        "streams/core/gather.py",
        "versions[min(versions)]",
        "versions[max(versions)]",
        "contradicted",
    ),
    Fault(
        "core",
        "zero for missing: a talk nobody timed lasted no time",
        "streams/core/service.py",
        '"talk_ms": talk_ms,',
        '"talk_ms": talk_ms or 0,',
        "talk-unknown",
    ),
    Fault(
        "SQL",
        "a boundary: a wait of exactly 120 s is no more within 120 s",
        "schemas/sql/measures/wait.within_120s.sql",
        "wait_ms <= 120000",
        "wait_ms < 120000",
        "waits-120s",
    ),
    Fault(
        "SQL",
        "a boundary: the first instant of a period is outside",
        "schemas/sql/cohort.sql",
        "moment_ms >= period_start_ms",
        "moment_ms > period_start_ms",
        "first-instant",
    ),
    Fault(
        "SQL",
        "the duplicate rule is dropped for pairs",
        "schemas/sql/kept.sql",
        "HAVING count(*) > 1",
        "HAVING count(*) > 2",
        "repeated",
    ),
    Fault(
        "SQL",
        "of contradicting events the wrong one counts",
        "schemas/sql/kept.sql",
        "ORDER BY sha, value IS NULL",
        "ORDER BY sha DESC, value IS NULL",
        "contradicted",
    ),
    Fault(
        "SQL",
        "zero for missing: a talk nobody timed lasted no time",
        "schemas/sql/contacts.sql",
        "if(talk_known, greatest(legs_ms - holds_ms, 0), NULL)",
        "if(talk_known, greatest(legs_ms - holds_ms, 0), 0)",
        "talk-unknown",
    ),
    Fault(
        "SQL",
        "a lost file: the last of the archive is not read",
        "sinks/published.py",
        "for path in files)",
        "for path in files[:-1])",
    ),
    Fault(
        "live",
        "a lost partition: the first is not asked",
        "streams/runtimes/asking.py",
        "for store in stores:\n        for quarter",
        "for store in [*stores][1:]:\n        for quarter",
    ),
    Fault(
        "live",
        "what a revised contact contributed before is not taken back",
        "streams/core/process.py",
        "add_unattributed(before, -1, changes.registers)",
        "pass",
    ),
    Fault(
        "Beam",
        "a lost partition: the largest is not folded",
        "streams/runtimes/beam/pipeline.py",
        "for share in shares]",
        "for share in shares[1:]]",
    ),
    Fault(
        "Beam",
        "a lost file: the last of every partition is not read",
        "streams/core/sweep.py",
        "for number in range(len(files)):",
        "for number in range(len(files) - 1):",
    ),
    Fault(
        "Beam",
        "a lost bucket: one caller of the second fold is forgotten",
        "streams/runtimes/beam/pipeline.py",
        "for some in blocks for one in some)",
        "for some in blocks for one in [*some][1:])",
        "called-back",
    ),
)
