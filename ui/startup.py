"""Whether the page can start, and why it did not, in one line. Costs nothing to import."""

import errno
import os
import socket

ADDRESS = (errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES)


def check_address(host: str, port: int) -> None:
    """Raises OSError when nobody can listen on ``port`` of ``host`` now, so that it is known before the long start."""
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        with socket.socket(family, kind, protocol) as listener:
            if os.name == "posix":  # there it lets an address be used again at once; elsewhere, taken away
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)


def why_not_started(error: OSError, host: str, port: int) -> str:
    """One line on why the server did not start.

    An address that cannot be had is known by the system's number, or by the words of Gradio, which hides the number.
    """
    about_address = error.errno in ADDRESS and not error.filename  # a file may be forbidden, too
    if about_address or "Cannot find empty port" in str(error):
        return f"port {port} on {host} cannot be used; choose another with --port or --host"
    return " ".join(str(error).split())
