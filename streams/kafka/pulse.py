"""Whether the brokers are there, asked all the time.

Roles that wait for them find out when what they asked for does not come, which takes each as long
as its patience; operators and balancers hear it from here, within ten seconds.
"""

from __future__ import annotations

from streams.kafka.clients import admin, errors_of
from streams.kafka.settings import Kafka

EVERY_S, PATIENCE_S = 2.0, 5.0


class PulseJob:
    """A job for a `streams.workers.Worker`: its trouble is that of the brokers."""

    def __init__(self, kafka: Kafka) -> None:
        self._said = ", ".join(kafka.brokers)
        self._client = admin(kafka)

    def step(self) -> bool:
        """Ask once.

        Raises:
            Retry: nobody answered within five seconds.
        """
        with errors_of(self._said):
            self._client.list_topics(timeout=PATIENCE_S)
        return False

    def close(self) -> None:
        """Let go."""
