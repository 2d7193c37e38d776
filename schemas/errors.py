"""Errors, grouped by what the caller should do.

VouchError
├── Retry        the same call may succeed later: disk full, log busy, server away
├── DeadLetter   this input never will: keep it with the reason and go on
│   └── Malformed    an event that breaks its schema; names the field
└── Stop         the data on disk contradict each other: a person must look
"""


class VouchError(Exception):
    """Base of every error that this project raises on purpose."""


class Retry(VouchError):
    """The same call may succeed later; nothing was changed by this one."""


class DeadLetter(VouchError):
    """This input will never be accepted; keep it, with the reason, and go on."""


class Malformed(DeadLetter):
    """An event that breaks its schema.

    Attributes:
        field: the dotted path of the first offending field, or "" for the whole text.
        problem: what is wrong with it, in words.
    """

    def __init__(self, field: str, problem: str) -> None:
        self.field = field
        self.problem = problem
        super().__init__(f"{field}: {problem}" if field else problem)


class Stop(VouchError):
    """The data contradict each other; going on would publish something false."""
