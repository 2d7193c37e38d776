"""The suite starts a broker of its own; only the jars are shared."""

from __future__ import annotations

from tests.kafka.conftest import kafka_jars

__all__ = ["kafka_jars"]
