"""The published SQL: data, not code.

With these files and stock DuckDB anyone recomputes every figure from the archive's Parquet.
They are written from the words of `schemas.record`, `schemas.parts`, `schemas.across` and of the
measures, apart from the fold; their rows and the live ones, and the figures, are compared to the
unit, and a difference is a finding.

In the order in which they are run: `kept` (and `steps`), `contacts`, `declarations` and a table for
every other relation of `schemas.relations` (in the order of `sinks.published`), `periods` (a
default), `cohort` and `declared` (queries), `measures/*` (a query for each measure over the
`cohort` of its relation).
Every file names the relations it reads. `business_days` and `sessions` are data: when departments
are open, from `schemas.business` and `schemas.hours`.
"""
