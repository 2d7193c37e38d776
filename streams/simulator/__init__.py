"""A contact centre that never was: seeded, and honest about it."""

from streams.simulator.delivery import deliver
from streams.simulator.demonstration import SERVICES
from streams.simulator.pacing import pace
from streams.simulator.scenarios import SCENARIOS, Scenario
from streams.simulator.services import Service
from streams.simulator.simulate import simulate

__all__ = ["SCENARIOS", "SERVICES", "Scenario", "Service", "deliver", "pace", "simulate"]
