"""The studio as a program of its own, to be attacked: started, watched, killed."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[1]
SECRET = "a line that only this machine knows"
MISTAKE = "the studio made a mistake"
START_S = 300.0


@dataclass(slots=True, kw_only=True)
class Tally:
    """How often one kind of attack was tried, and what got ``through``."""

    kind: str
    tried: int = 0
    through: list[str] = field(default_factory=list)
    skipped: str = ""

    def note(self, what: str, fault: str) -> None:
        """Count one try; ``fault`` says what it did, "" for nothing."""
        self.tried += 1
        if fault:
            self.through.append(f"{what[:100]}: {fault[:200]}")


@dataclass(slots=True, kw_only=True)
class Target:
    """A running studio: ``url`` ends in a slash. ``folder`` holds its models and its temporary files."""

    url: str
    folder: Path
    process: "subprocess.Popen[str]"
    bait: "Bait"
    secret: Path

    @property
    def models(self) -> Path:
        """The folder of its models."""
        return self.folder / "models"

    def client(self, timeout_s: float = 60.0) -> httpx.Client:
        """Somebody who asks it for something."""
        return httpx.Client(base_url=self.url, timeout=timeout_s)

    def fault(self, answer: httpx.Response, body: bytes | None = None) -> str:
        """What is wrong with an answer to an attack: a mistake of ours, a secret, no clear line; "" for nothing.

        ``body`` is what was read of an answer that was not read to its end.
        """
        text = (answer.content if body is None else body).decode("utf-8", "replace")
        if SECRET in text or "root:x:0" in text:
            return "it gave a file of the machine away"
        if MISTAKE in text or (answer.status_code >= 500 and answer.status_code not in (503, 507)):
            return f"{answer.status_code} {text[:120]}"
        if answer.status_code >= 400 and answer.headers.get("content-type", "").startswith("application/json"):
            message = _message(text)
            if message is not None and (not message or "\n" in message or len(message) > 1200):
                return f"no clear line: {message[:80]!r}"
        return ""

    def quick(self, limit_s: float = 10.0) -> str:
        """Whether it answers somebody else within ``limit_s``; "" when it does."""
        began = time.monotonic()
        try:
            status = httpx.get(f"{self.url}studio/status", timeout=limit_s).status_code
        except httpx.HTTPError as error:
            return f"the studio does not answer others: {type(error).__name__}"
        took = time.monotonic() - began
        return "" if status == 200 and took < limit_s else f"status {status} after {took:.1f} s"

    def memory_mb(self) -> float:
        """The most memory that it has had at once; 0 where the system does not say."""
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{self.process.pid}/status").read_text("utf-8").splitlines():
                if line.startswith("VmHWM"):
                    return int(line.split()[1]) / 1024
        return 0.0


class Bait:
    """A server on loopback that nobody should ask for anything; ``asked`` holds the paths that somebody did."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(200)
                self.end_headers()

            do_POST = do_HEAD = do_GET

            def log_message(self, *_arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


@contextlib.contextmanager
def served(folder: Path) -> Iterator[Target]:
    """The program over ``folder``, on a free port of loopback, without a network. Ended by SIGTERM, or it is killed."""
    bait = Bait()
    for name in ("models", "temporary"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    secret = folder / "secret.txt"
    secret.write_text(SECRET, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    flags = ["--port", str(port), "--models-dir", str(folder / "models"), "--offline"]
    environment = os.environ | {"TMPDIR": str(folder / "temporary")}
    with (
        (folder / "log.txt").open("ab") as log,
        subprocess.Popen(
            [sys.executable, "webui.py", *flags],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[-1]
            target = Target(url=url, folder=folder, process=process, bait=bait, secret=secret)
            _until_ready(target)
            yield target
        finally:
            bait.close()
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def _until_ready(target: Target) -> None:
    """Wait for the first model: until then every answer waits for torch."""
    give_up = time.monotonic() + START_S
    with target.client() as client:
        while _state(client) == "loading":
            if time.monotonic() > give_up:
                raise TimeoutError(f"the studio has not loaded its first model within {START_S:g} s")
            time.sleep(0.2)


def _state(client: httpx.Client) -> str:
    try:
        return str(client.get("studio/status").json()["state"])
    except httpx.ReadError:
        # It was held up for so long that it took the connection for idle, as one that is kept alive may be taken.
        return "loading"


def _message(text: str) -> str | None:
    """The line of an error of ours; None for an answer of the framework's."""
    try:
        error = json.loads(text).get("error")
    except (ValueError, AttributeError):
        return f"no JSON: {text[:60]}"
    return str(error.get("message", "")) if isinstance(error, dict) else None
