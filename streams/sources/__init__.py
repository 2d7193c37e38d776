"""Facts from telephone systems and files, one module each, turned into events.

To add an importer, write a module with a function `source(settings)` that gives a
`streams.sources.port.Source`, and add a row to `SOURCES`.
"""

from importlib import import_module

from streams.sources.port import Settings, Source

SOURCES: dict[str, str] = {
    "events": "streams.sources.events",
    "queue_log": "streams.sources.queue_log",
    "technion": "streams.sources.technion",
}


def source(name: str, settings: Settings) -> Source:
    """The source of a name in `SOURCES`; its module is loaded only now.

    Raises:
        KeyError: no source has this name.
        ValueError: a setting that this source needs is missing.
    """
    made: Source = import_module(SOURCES[name]).source(settings)
    return made
