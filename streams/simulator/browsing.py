"""Web tasks: people who complete something with a digital tool, and need nobody."""

from __future__ import annotations

from schemas.event import Data
from streams.simulator.demand import Demand
from streams.simulator.journal import Contact
from streams.simulator.parts import Website
from streams.simulator.people import Caller
from streams.simulator.services import History, Service
from streams.simulator.site import Site


class Web(Site):
    """The website of one department."""

    def __init__(self, history: History, seed: int) -> None:
        super().__init__(history, seed, "web")

    def demand(self, service: Service) -> Demand:
        """Those who complete a task."""
        return self._site(service).demand

    def _site(self, service: Service) -> Website:
        if service.web is None:
            msg = f"{service.department} has no website on {self.today}"
            raise ValueError(msg)
        return service.web

    def arrive(self, caller: Caller) -> None:
        """A task is completed; nothing is told of those who give up."""
        contact, site = Contact(self.name(), caller), self._site(self.service)
        here = Data(
            department=self.service.department,
            channel="web",
            language="fr" if caller.language == "fr" else "en",
            origin=caller.origin,
        )
        self.tell(contact, "contact.arrived", here)
        program = self.one_of(site.programs)
        done = Data(tool=self.one_of(site.tools), program=program)
        self.tell(contact, "web.task_completed", done)
