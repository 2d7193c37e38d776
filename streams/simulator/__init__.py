"""A phone service that never was: seeded, and honest about it."""

from streams.simulator.delivery import deliver
from streams.simulator.pacing import pace
from streams.simulator.services import SERVICES, Service
from streams.simulator.simulate import simulate

__all__ = ["SERVICES", "Service", "deliver", "pace", "simulate"]
