"""Why the page did not start is one line that blames the right thing."""

import errno
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from ui.startup import why_not_started


def test_an_address_is_blamed_for_what_it_did_and_nothing_else(tmp_path: Path) -> None:
    def reason(failing: Callable[[], object]) -> str:
        with pytest.raises(OSError) as failed:  # noqa: PT011 - whichever it is
            failing()
        return why_not_started(failed.value, "host", 80)

    address = "port 80 on host cannot be used; choose another with --port or --host"
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        assert reason(lambda: second.bind(first.getsockname())) == address
        assert reason(lambda: second.bind(("192.0.2.1", 0))) == address  # reserved for documentation: nobody's
    missing = tmp_path / "missing"
    assert reason(missing.iterdir().__next__) == f"[Errno 2] No such file or directory: '{missing}'"
    forbidden = why_not_started(PermissionError(errno.EACCES, "Permission denied", "/models"), "host", 80)
    assert forbidden == "[Errno 13] Permission denied: '/models'"
    assert why_not_started(PermissionError(errno.EACCES, "Permission denied"), "host", 80) == address
