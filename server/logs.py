"""Logs as JSON, an object on each line, for programs to read. Nobody's text is in them.

A request is logged by its route and not by its address, whose query may hold words, and by the kind of who sent it. Of
an error there are the type and the places in the code, and not what it says, which may repeat what was sent.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import Any

# Whose lines are written; what other libraries say is not known to leave out texts.
LOGGERS = ("engine", "server", "ui", "polyphone", "uvicorn.error")
REQUESTS = "polyphone.requests"
FACTS = "facts"  # the attribute of a record that holds more fields


class JsonLines(logging.Formatter):
    """One object for each record: time, level, logger, message, and what it has besides."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            # Without its arguments: they may be what was sent.
            "message": str(record.msg).strip(),
            **getattr(record, FACTS, {}),
        }
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            line["at"] = [f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in frames]
        return json.dumps(line)


def log_to(target: str) -> logging.Handler:
    """Write our lines to the file ``target``, which may be moved away meanwhile, or with "-" to the error stream.

    Raises OSError for a file that cannot be written.
    """
    handler = logging.StreamHandler() if target == "-" else WatchedFileHandler(target, encoding="utf-8")
    handler.setFormatter(JsonLines())
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
    return handler
