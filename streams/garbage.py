"""How often the interpreter looks for garbage that only refers to itself."""

import gc

#: New containers between two looks. By default 700: a look at every tenth contact, each of
#: them through hundreds of thousands of rows in which there is nothing to find.
SELDOM = 200_000


def look_seldom() -> None:
    """Collect cycles seldom; for a whole process.

    Events, rows and records refer to nothing that refers back, and are freed at once when
    they are let go. What does make cycles (the HTTP server) makes few.
    """
    gc.set_threshold(SELDOM, 50, 100)
