"""What a sealed file would hold if it were not: for who has the key, and tools to read."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from sinks.archive.locks import Lock
from sinks.archive.sealed import DIGEST, PERSONAL, sealed_name


def opened(content: bytes, period: str, key: bytes) -> pa.Table:
    """The columns of a sealed file in the clear, as any tool reads them.

    Args:
        content: the bytes of the file.
        period: under whose key it is sealed.
        key: of the period.
    """
    lock = Lock(period, key)  # kept while the file is open
    source = pa.BufferReader(content)
    with pq.ParquetFile(source, decryption_properties=lock.opening()) as file:
        columns = file.read(use_threads=False)
    for name in PERSONAL:
        at = columns.schema.get_field_index(name)
        columns = columns.set_column(at, name, columns[sealed_name(name)])
    return columns.drop_columns([DIGEST, *map(sealed_name, PERSONAL)]).replace_schema_metadata()
