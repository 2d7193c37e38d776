"""A copy of a sealed file as it would be if it were not: for who has the key, and SQL to run."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from sinks.archive.entry import Entry, sealed_under
from sinks.archive.locks import Lock
from sinks.archive.reader import locate
from sinks.archive.sealed import DIGEST, PERSONAL, Keys, sealed_name


def readable(root: Path, entry: Entry, keys: Keys, folder: Path) -> Path:
    """A file with the rows of an entry, of which any tool reads all that can be read.

    It is the archive's own; or in the place of a sealed one a copy in `folder`, which must be
    private and for the moment. What was disposed of stays null.

    Raises:
        Stop: the file is missing, or sealed and its key is.
    """
    path, period = locate(root, entry), sealed_under(entry)
    key = None if period is None else keys.opening(period)
    if period is None or key is None:
        return path
    lock = Lock(period, key)
    with pq.ParquetFile(path, decryption_properties=lock.opening()) as file:
        columns = file.read(use_threads=False)
    for name in PERSONAL:
        at = columns.schema.get_field_index(name)
        columns = columns.set_column(at, name, columns[sealed_name(name)])
    columns = columns.drop_columns([DIGEST, *map(sealed_name, PERSONAL)])
    copy = folder / f"{entry.log_id}-{entry.topic}-{entry.partition}-{entry.seq}.parquet"
    pq.write_table(columns, copy, compression="zstd")
    return copy
