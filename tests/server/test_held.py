"""Memory for what is sent is shared: one address cannot have all of it, and silence holds none."""

import pytest

from engine.errors import Busy
from server.held import Room


def test_one_address_gets_half_and_this_machine_all() -> None:
    room = Room(space=100)
    with room.share("192.0.2.1") as first, room.share("192.0.2.1") as second, room.share("127.0.0.1") as local:
        first.take(30)
        second.take(20)
        with pytest.raises(Busy, match="try again in a moment"):
            second.take(1)
        local.take(50)
        with pytest.raises(Busy):
            local.take(1)
    with room.share("127.0.0.1") as local:
        local.take(100)


def test_who_sends_nothing_holds_nothing() -> None:
    room = Room(space=100)
    for _ in range(1000):
        room.share("192.0.2.1").__enter__()
    with room.share("192.0.2.2") as share:
        share.take(50)
