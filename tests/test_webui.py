"""The program as it is started: quick to answer, quick to end, clear when it cannot."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.ports import free_port
from tests.timing import until
from webui import read_flags

ROOT = Path(__file__).parents[1]


@pytest.mark.timeout(900)
def test_it_prints_its_address_once_it_answers_and_ends_cleanly_on_a_signal(tmp_path: Path) -> None:
    port = free_port()
    environment = os.environ | {"POLYPHONE_PORT": str(port), "POLYPHONE_OFFLINE": "1", "TMPDIR": str(tmp_path)}
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
        command = [sys.executable, "webui.py"]
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            line = process.stdout.readline().decode()
            url = re.fullmatch(rf"Polyphone answers at (http://127\.0\.0\.1:{port}/)\n", line)
            assert url, line
            assert httpx.get(url[1]).status_code == 200
            # What the one that was killed has left went when the next one started.
            assert len([path for path in tmp_path.iterdir() if path.is_dir()]) == 1
            process.send_signal(number)
            _, errors = process.communicate(timeout=240)
        assert process.returncode == (-number if number == signal.SIGKILL else 0)
        assert errors == b""
    assert list(tmp_path.iterdir()) == []


def test_it_ends_while_other_threads_compute() -> None:
    busy = "import threading, webui; threading.Thread(target=lambda: sum(iter(lambda: 1, 0))).start(); webui.leave(3)"
    assert subprocess.run([sys.executable, "-c", busy], cwd=ROOT, timeout=240, check=False).returncode == 3


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


def test_a_taken_port_is_known_before_anything_heavy_is_imported() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code = (
            "import sys, webui; sys.argv = ['webui.py', '--port', sys.argv[1]]; status = webui.main();"
            "sys.exit(str([status, *sorted({'torch', 'gradio'} & sys.modules.keys())]))"
        )
        run = subprocess.run(
            [sys.executable, "-c", code, str(taken.getsockname()[1])],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert run.stderr.splitlines()[-1] == "[2]"


def test_an_address_that_others_reach_wants_a_decision() -> None:
    run = subprocess.run(
        [sys.executable, "webui.py", "--host", "0.0.0.0", "--port", str(free_port())],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 2
    assert run.stdout == ""
    assert run.stderr.count("\n") == 1
    assert "--public" in run.stderr
    assert "--token" in run.stderr


@pytest.mark.parametrize("flags", [["--public"], []])
def test_a_studio_for_others_asks_for_the_token_where_it_must(flags: list[str]) -> None:
    port = free_port()
    environment = os.environ | {"POLYPHONE_TOKEN": "the-owner", "POLYPHONE_OFFLINE": "1"}
    command = [sys.executable, "webui.py", "--host", "0.0.0.0", "--port", str(port), *flags]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().decode() == f"Polyphone answers at http://localhost:{port}/\n"
        url = f"http://127.0.0.1:{port}/"
        page = httpx.get(url)
        assert page.status_code == (200 if flags else 303)
        models = f"{url}studio/models"
        assert httpx.get(models).status_code == (403 if flags else 401)
        assert httpx.get(models, headers={"Authorization": "Bearer the-owner"}).status_code == 200
        foreign = httpx.get(f"{url}config", headers={"Host": "evil.example", "Origin": "http://evil.example"})
        assert foreign.status_code == 421
        assert not [name for name in foreign.headers if name.startswith("access-control")]
        process.terminate()
        _, errors = process.communicate(timeout=240)
    assert (process.returncode, errors) == (0, b"")


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


def test_a_log_has_a_line_for_each_request_and_no_text(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log.jsonl"
    environment = os.environ | {"POLYPHONE_OFFLINE": "1", "POLYPHONE_LOG": str(log)}
    command = [sys.executable, "webui.py", "--port", str(port), "--models-dir", str(tmp_path / "models")]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        url = f"http://127.0.0.1:{port}"
        said = "Something private."
        assert httpx.post(f"{url}/v1/audio/speech", json={"input": said}, timeout=120).content[:3] == b"ID3"
        assert httpx.get(f"{url}/health", params={"q": said}).json() == {"status": "ok"}
        counted = 'polyphone_http_requests_total{method="POST",route="/v1/audio/speech",status="200"} 1.0'
        until(lambda: counted in httpx.get(f"{url}/metrics").text.splitlines())
        assert httpx.get(f"{url}/metrics", headers={"Host": "evil.example"}).status_code == 421
        process.terminate()
        _, errors = process.communicate(timeout=240)
    assert (process.returncode, errors) == (0, b"")
    assert "private" not in log.read_text()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    asked = [(line["route"], line["status"], line["who"]) for line in lines if line["logger"] == "polyphone.requests"]
    assert {
        ("/v1/audio/speech", 200, "owner"),
        ("/health", 200, "owner"),
        ("/metrics", 200, "owner"),
        ("other", 421, "nobody"),
    } <= set(asked)


def test_a_log_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "webui.py", "--port", str(free_port()), "--log", str(tmp_path / "nowhere" / "log.jsonl")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (run.returncode, run.stderr.count("\n")) == (2, 1)
    assert "choose another with --log" in run.stderr
