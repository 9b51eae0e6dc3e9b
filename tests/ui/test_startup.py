"""The program as it is started: quick to answer, quick to end, clear when it cannot."""

import errno
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from server.errors import why_not_started
from tests.ui.conftest import free_port
from webui import read_flags

ROOT = Path(__file__).parents[2]

FIRST_ANSWER = """
import sys, tempfile, urllib.request
from pathlib import Path
from engine.engine import Engine
from ui.app import serve
with tempfile.TemporaryDirectory() as folder:
    studio = serve(Engine(), host="127.0.0.1", port=int(sys.argv[1]), folder=Path(folder))
    page = urllib.request.urlopen(studio.url).read().decode()
    status = urllib.request.urlopen(studio.url + "studio/status").read().decode()
    print("torch" in sys.modules, "Polyphone" in page, "state" in status)
    studio.close()
"""


def test_the_page_answers_before_torch_is_imported() -> None:
    run = subprocess.run(
        [sys.executable, "-c", FIRST_ANSWER, str(free_port())], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["False", "True", "True"]


def test_it_prints_its_address_once_it_answers_and_ends_cleanly_on_a_signal() -> None:
    port = free_port()
    environment = os.environ | {"POLYPHONE_PORT": str(port), "POLYPHONE_OFFLINE": "1"}
    for number in (signal.SIGTERM, signal.SIGINT):
        command = [sys.executable, "webui.py"]
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            line = process.stdout.readline().decode()
            url = re.fullmatch(rf"Polyphone answers at (http://127\.0\.0\.1:{port}/)\n", line)
            assert url, line
            assert httpx.get(url[1], timeout=30).status_code == 200
            process.send_signal(number)
            _, errors = process.communicate(timeout=60)
        assert process.returncode == 0
        assert errors == b""


def test_a_port_that_is_taken_is_one_clear_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = subprocess.run(
            [sys.executable, "webui.py", "--port", str(port)], cwd=ROOT, capture_output=True, text=True, check=False
        )
    assert run.returncode == 2
    assert run.stderr == f"port {port} on 127.0.0.1 cannot be used; choose another with --port or --host\n"


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


@pytest.mark.parametrize(
    ("flag", "value"), [("--port", "99999"), ("--port", "0"), ("--port", "x"), ("--queue", "-5"), ("--loaded", "0")]
)
def test_a_number_that_cannot_be_is_refused_at_once(
    flag: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, name in (([f"{flag}={value}"], ""), ([], f"POLYPHONE_{flag[2:].upper()}")):
        monkeypatch.setattr(sys, "argv", ["webui.py", *arguments])
        if name:
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            read_flags()
        assert ended.value.code == 2
        assert f"argument {flag}: '{value}' is no whole number in " in capsys.readouterr().err
