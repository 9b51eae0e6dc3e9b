"""How much of what callers send is held in memory at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from engine.errors import Busy
from server.gate import is_loopback


@dataclass(slots=True, eq=False)
class Share:
    """What one request holds."""

    room: "Room"
    client: str
    bytes: int = 0

    def take(self, size: int) -> None:
        """Hold ``size`` bytes more. Raises Busy when there is no room for them."""
        self.room.check(self.client, size)
        self.bytes += size


@dataclass(slots=True, eq=False)
class Room:
    """``space`` bytes for everybody, and half of them for one address that is not of this machine.

    Who has announced something and sends nothing takes nothing of it. Used on one event loop.
    """

    space: int = 256 * 2**20
    shares: list[Share] = field(default_factory=list)

    @contextmanager
    def share(self, client: str) -> Iterator[Share]:
        """For the body to hold what comes from the address ``client``."""
        share = Share(self, client)
        self.shares.append(share)
        try:
            yield share
        finally:
            self.shares.remove(share)

    def check(self, client: str, size: int) -> None:
        """Raises Busy when ``client`` cannot have ``size`` bytes now."""
        held = sum(share.bytes for share in self.shares)
        own = sum(share.bytes for share in self.shares if share.client == client)
        is_local = not client or is_loopback(client)
        if held + size > self.space or (not is_local and own + size > self.space // 2):
            raise Busy("other recordings are being read already; try again in a moment")
