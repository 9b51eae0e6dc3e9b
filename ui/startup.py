"""Why the page did not start, in one line."""

import errno

ADDRESS = (errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES)


def why_not_started(error: OSError, host: str, port: int) -> str:
    """One line on why the server did not start.

    An address that cannot be had is known by the system's number, or by the words of Gradio, which hides the number.
    """
    about_address = error.errno in ADDRESS and not error.filename  # a file may be forbidden, too
    if about_address or "Cannot find empty port" in str(error):
        return f"port {port} on {host} cannot be used; choose another with --port or --host"
    return " ".join(str(error).split())
