"""Faust on librdkafka, by batches: agents get all rows that were fetched of a partition at once.

The only package that touches Faust's insides; docs/adr/0014-micro-batches.md says why.
"""

from streams.kafka.transport.application import Application, application, ended
from streams.kafka.transport.batches import Batches
from streams.kafka.transport.buffer import Limits

__all__ = ["Application", "Batches", "Limits", "application", "ended"]
