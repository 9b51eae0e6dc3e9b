"""Published files from the model hubs: through mirrors, verified, resumed, and without a network once they are here."""

from engine.hub.client import EndpointState, Hub
from engine.hub.part import discard, lock_of, part_of, sweep

__all__ = ["EndpointState", "Hub", "discard", "lock_of", "part_of", "sweep"]
