"""What all of a process shares, over a fork: the child has one thread, and nobody in it releases what others held.

Hosts that lend an accelerator for a moment (ZeroGPU) fork the server for it while other threads are at work.
"""

import os
from collections.abc import Callable
from threading import Lock


def shared_lock() -> Lock:
    """A lock that is free in the child of a fork, and what it guards is whole there: a fork waits until it is free.

    For what is held for moments, and while no other such lock is.
    """
    lock = Lock()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release)
    return lock


def in_child(act: Callable[[], object]) -> None:
    """Call ``act`` in the child of every fork, before anything else of ours."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=act)
