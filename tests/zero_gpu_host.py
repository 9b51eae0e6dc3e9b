"""The part of a ZeroGPU host that the package `spaces` asks: it lends an accelerator, and takes it back.

What is lent is nothing here; who asks, for how long and with whose token is written down.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass
class ZeroGpuHost:
    """A running host at ``url``. With ``refusing`` whoever asks has no quota left."""

    url: str = ""
    refusing: bool = False
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    lent: int = 0

    def of(self, path: str) -> list[dict[str, str]]:
        """The parameters of every request for ``path``."""
        return [parameters for asked, parameters in self.asked if asked == path]

    def answer(self, path: str) -> tuple[int, object]:
        """What it says: a status and what stands in the body."""
        if path == "/schedule" and self.refusing:
            return 429, {"left": 3, "wait": 3600}
        if path == "/schedule":
            self.lent += 1
            # From the second call on the process of the first is at hand.
            return 200, {"idle": self.lent > 1, "nvidiaIndex": 0, "nvidiaUUID": "GPU-0", "allowToken": str(self.lent)}
        return 200, {}


@contextmanager
def zero_gpu_host() -> Iterator[ZeroGpuHost]:
    """A host on a port of this machine."""
    host = ZeroGpuHost()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            address = urlsplit(self.path)
            host.asked.append((address.path, dict(parse_qsl(address.query))))
            status, content = host.answer(address.path)
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        host.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield host
        server.shutdown()
        thread.join()
