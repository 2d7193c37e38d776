"""Tests against a real broker, started by `tests.kafka.broker`."""
