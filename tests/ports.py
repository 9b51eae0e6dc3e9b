"""Ports for servers that are told theirs."""

import contextlib
import secrets
import socket

# Below those that the system gives to connections that go out, and to whoever asks for any.
PORTS = range(12_000, 32_000)


def free_port() -> int:
    """A port of this machine that nobody listens on, nor is likely to soon."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
            return port
