"""Logs: one object on each line, without a word of what was sent."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.logs import FACTS, LOGGERS, log_to

SAID = "what somebody has written"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    handler = log_to(str(tmp_path / "log.jsonl"))
    yield tmp_path / "log.jsonl"
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.removeHandler(handler)
        logger.propagate = True
        logger.setLevel(logging.NOTSET)
    handler.close()


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_record_is_an_object_on_a_line(log: Path) -> None:
    logging.getLogger("polyphone.requests").info("request", extra={FACTS: {"route": "/v1/models", "status": 200}})
    (line,) = lines(log)
    assert (line["level"], line["logger"], line["message"]) == ("info", "polyphone.requests", "request")
    assert (line["route"], line["status"]) == ("/v1/models", 200)
    assert str(line["time"]).endswith("+00:00")


def test_of_an_error_there_are_the_type_and_the_places(log: Path) -> None:
    try:
        raise RuntimeError(SAID)
    except RuntimeError:
        logging.getLogger("server.errors").exception("internal error: %s", SAID)
    assert SAID not in log.read_text()
    (line,) = lines(log)
    assert (line["error"], line["message"]) == ("RuntimeError", "internal error: %s")
    assert str(line["at"][0]).startswith("test_logs.py:")


def test_other_libraries_and_what_is_for_developers_are_left_out(log: Path) -> None:
    logging.getLogger("somebody.else").error(SAID)
    logging.getLogger("engine.audio").debug(SAID)
    logging.getLogger("engine.audio").warning("a line\nin two")
    (line,) = lines(log)
    assert line["message"] == "a line\nin two"


def test_a_log_that_is_moved_away_goes_on(log: Path) -> None:
    logging.getLogger("engine").warning("one")
    log.rename(log.with_suffix(".old"))
    logging.getLogger("engine").warning("two")
    assert [line["message"] for line in lines(log)] == ["two"]


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        log_to(str(tmp_path / "nowhere" / "log.jsonl"))
