"""Any exception as one readable message and an HTTP status; what the engine did not foresee is logged."""

import logging
import math
from dataclasses import dataclass, replace
from typing import Any

from engine.errors import Busy, DownloadError, EngineError, OutOfMemory, SaveError, UserError
from engine.message import Message

logger = logging.getLogger(__name__)

WAIT_S = 2.0  # before the next try, where nobody knows better
# What callers send may be repeated in what they are told, but not at any length.
LONGEST = 1000

STATUS: tuple[tuple[type[EngineError], int], ...] = (
    (Busy, 429),
    (OutOfMemory, 503),
    (SaveError, 507),
    (DownloadError, 502),
    (UserError, 400),
)


class RequestError(UserError):
    """An HTTP request that is not shaped as the route expects; ``status`` says how.

    ``wait_s`` is how long to wait before the next try, where that helps; ``param`` is the field of the request that it
    is about, where it is about one, and ``code`` a word for programs.
    """

    wait_s = WAIT_S
    param = ""
    code = ""

    def __init__(self, template: str, status: int = 400, /, **values: Any) -> None:
        super().__init__(template, **values)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What went wrong, for a person (``message``), for HTTP (``status``) and for a program.

    For programs there are ``type``, and ``param`` and ``code`` as in `RequestError`.
    """

    type: str
    message: Message
    status: int
    wait_s: float = WAIT_S
    param: str = ""
    code: str = ""

    def describe(self) -> dict[str, dict[str, Any]]:
        """The body of an answer: {"error": {"type", "message", "template", "values"}}; see `Message.describe`."""
        return {"error": {"type": self.type, "message": self.message, **self.message.describe()}}

    def headers(self) -> dict[str, str]:
        """What HTTP says of it besides the status."""
        if self.status == 401:
            return {"WWW-Authenticate": "Bearer"}
        return {"Retry-After": str(math.ceil(self.wait_s))} if self.status == 429 else {}


def readable(error: BaseException) -> Problem:
    """The one message that stands for ``error``, without line breaks; details of an internal one stay in the log."""
    if isinstance(error, EngineError):
        kind, message = type(error).__name__, _bounded(_in_one_line(error.message))
        if not isinstance(error, RequestError):
            return Problem(type=kind, message=message, status=_status(error))
        own = Problem(type=kind, message=message, status=error.status)
        return replace(own, wait_s=error.wait_s, param=error.param, code=error.code)
    logger.error("internal error", exc_info=error)
    return Problem(type="Internal", message=Message("the studio made a mistake; its log says which"), status=500)


def _in_one_line(message: Message) -> Message:
    if "\n" not in message:
        return message
    values = {
        name: _in_one_line(value) if isinstance(value, Message) else " ".join(value.split())
        for name, value in message.values.items()
    }
    line = Message(message.template, **values)
    return line if "\n" not in line else Message(" ".join(line.split()))


def _bounded(message: Message) -> Message:
    """At most about `LONGEST` characters: of long values only the beginning is said, if that is enough."""
    if len(message) <= LONGEST:
        return message
    values = {
        name: _bounded(value) if isinstance(value, Message) else _cut(value, LONGEST // 4)
        for name, value in message.values.items()
    }
    shorter = Message(message.template, **values) if values else message
    return shorter if len(shorter) <= LONGEST else Message(_cut(shorter, LONGEST))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def _status(error: EngineError) -> int:
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)
