"""The archive: Parquet files, and a hash-chained log of commits that proves them whole."""
