"""The published SQL: data, not code.

With these files and stock DuckDB anyone recomputes every figure from the archive's Parquet.
They are written from the words of `schemas.record` and of the measures, apart from the fold;
`contacts.sql` and the live figures are compared to the unit, and a difference is a finding.

In the order in which they are run: `kept`, `contacts`, `declarations` (tables), `periods` (a
default), `cohort` and `declared` (queries), `measures/*` (a query for each measure). Every file
names the relations it reads.
"""
