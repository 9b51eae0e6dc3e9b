"""Long work that outlives the page: downloads, checks, imports and loads, one at a time for each thing, on threads."""

import threading
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

from engine.errors import Busy
from engine.events import Progress
from engine.message import Message, as_told
from engine.steps import finish
from server.errors import readable

MOST_ENDED = 200  # are remembered


@dataclass(slots=True, eq=False)
class Task:
    """One piece of work. ``state`` is running, stopped, failed (``message`` says why) or done (with its ``result``)."""

    id: str
    kind: str
    steps: Generator[Progress, None, Any]
    state: str = "running"
    message: Message = field(default_factory=lambda: Message(""))
    progress: Progress | None = None
    result: Any = None
    stopping: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=_run, args=(self,), name=f"{self.kind} {self.id}", daemon=True)

    def describe(self) -> dict[str, Any]:
        """The task as plain data; ``done``, ``total``, ``rate`` and ``remaining_s`` are null while unknown."""
        at = self.progress
        return {
            "id": self.id,
            "kind": self.kind,
            "state": self.state,
            "message": self.message,
            **self.message.describe(),
            "label": as_told(at.label if at else ""),
            "done": at.done if at else None,
            "total": at.total if at else None,
            "rate": at.rate if at else None,
            "remaining_s": at.remaining_s if at else None,
            "result": self.result if isinstance(self.result, str | list | tuple) else None,
        }


# What a kind of work is called where somebody else's stands in the way.
_KINDS = {
    "download": Message("download"),
    "import": Message("import"),
    "verify": Message("verify"),
    "load": Message("load"),
}


class Tasks:
    """The owner of the threads. `status` may be asked by any page at any time.

    The last work of each kind on each thing is remembered, so that none hides how another has ended.
    """

    def __init__(self) -> None:
        self._tasks: dict[tuple[str, str], Task] = {}
        self._lock = threading.Lock()

    def start(self, id: str, kind: str, steps: Generator[Progress, None, Any]) -> None:  # noqa: A002
        """Begin ``steps`` for the thing called ``id``. Raises Busy while other work on it runs."""
        task = Task(id, kind, steps)
        with self._lock:
            if running := self._running(id):
                raise Busy(
                    "{id} is being worked on already ({kind}); wait for it, or stop it",
                    id=id,
                    kind=_KINDS[running.kind],
                )
            self._tasks.pop((id, kind), None)
            self._tasks[id, kind] = task
            ended = [key for key, other in self._tasks.items() if other.state != "running"]
            for key in ended[: max(0, len(ended) - MOST_ENDED)]:
                del self._tasks[key]
        task.thread.start()

    def stop(self, id: str, patience_s: float = 20.0) -> bool:  # noqa: A002
        """End the work on ``id`` at its next step and wait for that; returns whether there was any."""
        with self._lock:
            task = self._running(id)
        if task is None:
            return False
        task.stopping.set()
        task.thread.join(patience_s)
        if task.thread.is_alive():
            raise Busy("{id} does not stop ({kind}); try again in a moment", id=id, kind=_KINDS[task.kind])
        return True

    def forget(self, id: str, kind: str = "") -> None:  # noqa: A002
        """Drop what is remembered of work on ``id`` that has ended, of one kind or of all."""
        with self._lock:
            for key, task in list(self._tasks.items()):
                if task.id == id and task.state != "running" and kind in ("", task.kind):
                    del self._tasks[key]

    def status(self) -> list[dict[str, Any]]:
        """The last task of each kind on each thing, the newest last."""
        with self._lock:
            return [task.describe() for task in self._tasks.values()]

    def end_all(self) -> None:
        """Stop everything: the server closes. What was downloaded so far is kept."""
        with self._lock:
            running = [task for task in self._tasks.values() if task.state == "running"]
        for task in running:
            task.stopping.set()
        give_up = time.monotonic() + 5
        for task in running:
            task.thread.join(max(0.0, give_up - time.monotonic()))

    def _running(self, id: str) -> Task | None:  # noqa: A002
        """Under the lock: the work on ``id`` that goes on."""
        return next((task for task in self._tasks.values() if task.id == id and task.state == "running"), None)


class _Stopped(Exception):
    """Somebody has asked for the end of the work."""


def _run(task: Task) -> None:
    def show(progress: Progress) -> None:
        task.progress = progress
        if task.stopping.is_set():
            raise _Stopped

    try:
        task.result = finish(task.steps, show)
        task.state = "done"
    except _Stopped:
        task.state = "stopped"
    except Exception as error:  # noqa: BLE001 - it is shown on the page; `readable` logs the unforeseen
        task.message = readable(error).message
        task.state = "failed"
