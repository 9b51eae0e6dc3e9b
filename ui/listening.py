"""Whether anybody takes what a call of Gradio's yields: it goes on by itself when nobody ever asked for the answer."""

import time
from collections.abc import Generator
from contextlib import closing

from gradio.context import LocalContext

from engine.events import Event
from server.jobs import Unheard

PATIENCE_S = 10.0


def while_heard(events: Generator[Event, None, None], patience_s: float = PATIENCE_S) -> Generator[Event, None, None]:
    """``events``, drawn within a call of Gradio's, for as long as what it yields is taken.

    Raises Unheard when none of it was for ``patience_s``; the events are closed then, as at any other end.
    """
    least, heard = 0, time.monotonic()
    with closing(events):
        for event in events:
            waiting, now = _waiting(), time.monotonic()
            if waiting < least or waiting == 0:
                heard = now
            elif now - heard > patience_s:
                raise Unheard("nobody asked for the sound within {seconds:g} s", seconds=patience_s)
            least = waiting
            yield event


def _waiting() -> int:
    """How many messages of this call lie there for whoever asks for them."""
    blocks, event_id = LocalContext.blocks.get(None), LocalContext.event_id.get(None)
    if blocks is None or event_id is None or (call := blocks._queue.event_ids_to_events.get(event_id)) is None:
        return 0
    messages = blocks._queue.pending_messages_per_session.get(call.session_hash)
    return messages.qsize() if messages else 0
