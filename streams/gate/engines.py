"""The two recomputations of a moment: every grouping by Beam from one fold, and by SQL from one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sinks.recount import recount
from streams.core.figures import Answer
from streams.core.gating import regroup
from streams.gate.moment import Grouping
from streams.recounting.evidence import Evidence
from streams.recounting.recompute import Asked, Engine, Told, answered, ask_of, by_beam


def by_recount(
    evidence: Evidence, groupings: Sequence[Grouping], engine: Engine, told: Told
) -> list[Answer]:
    """The answers of the core on Beam, which folds once, for the finest of all groupings.

    Raises:
        Stop: a file was changed, or the job failed.
    """
    asked = _finest([grouping.asked for grouping in groupings])
    tally = by_beam(evidence, asked, engine, told)
    return [
        regroup(tally, asked.question, grouping.question).answer(grouping.question)
        for grouping in groupings
    ]


def _finest(asked: Sequence[Asked]) -> Asked:
    """What the answers to all can be added up from: the shortest spans, and every dimension."""
    by = dict.fromkeys(name for one in asked for name in one.question.by)
    shortest = max(asked, key=lambda one: len(one.question.spans))
    return replace(shortest, question=replace(shortest.question, by=tuple(by)))


def by_sql(evidence: Evidence, groupings: Sequence[Grouping]) -> list[Answer]:
    """The answers of the published SQL, which folds once, in a process of its own.

    Raises:
        Stop: a file cannot be read.
        Retry: memory or disk ran out.
    """
    found = recount(
        evidence.files,
        groupings[0].asked.as_of,
        [ask_of(one.asked) for one in groupings],
        spill=evidence.scratch,
    )
    pairs = zip(found, groupings, strict=True)
    return [answered(rows, grouping.question) for rows, grouping in pairs]
