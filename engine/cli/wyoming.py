"""``wyoming``: speech for Home Assistant, until a signal comes."""

import argparse
import asyncio
import ipaddress
import sys
from typing import Any
from urllib.parse import urlsplit

from engine.cli.library import add_folder, open_library
from engine.cli.output import answer
from engine.engine import Engine
from engine.errors import OptionError, PackageMissing
from engine.message import why
from engine.system import SystemSpec

PORT = 10_200


def add(commands: Any) -> None:
    """Declare the command."""
    wyoming = commands.add_parser("wyoming", help="serve Home Assistant's voice pipeline", allow_abbrev=False)
    where = wyoming.add_mutually_exclusive_group()
    where.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="0.0.0.0 is for the whole home network")
    where.add_argument("--uri", metavar="URI", help=f"instead: tcp://127.0.0.1:{PORT} or unix:///run/polyphone.sock")
    wyoming.add_argument("--voice", default="", metavar="NAME", help="what to speak with where nobody names a voice")
    wyoming.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    wyoming.add_argument("--dtype", choices=("auto", "float32", "bfloat16", "float16"), default="auto")
    add_folder(wyoming)
    wyoming.set_defaults(run=_wyoming)


def _wyoming(chosen: argparse.Namespace, specs: tuple[SystemSpec, ...] | None) -> int:
    uri = checked(chosen.uri or f"tcp://{f'[{chosen.host}]' if ':' in chosen.host else chosen.host}:{PORT}")
    try:
        from wyoming.server import AsyncServer

        from engine.home import Home
    except ModuleNotFoundError as error:
        raise PackageMissing(
            "serving Home Assistant needs the package {package}, which is not installed; install it with: "
            "pip install -r requirements-home.txt",
            package=error.name,
        ) from error
    engine = Engine(specs, device=chosen.device, dtype=chosen.dtype, library=open_library(chosen, specs))
    home = Home(engine, chosen.voice)
    home.offered("", "")  # a default that is not there is told at once
    if is_exposed(uri):
        sys.stderr.write("note: whoever reaches this address may speak with it, since the protocol has no password\n")
    answer(f"Home Assistant is served at {uri}")
    try:
        asyncio.run(AsyncServer.from_uri(uri).run(home.client))
    except OSError as error:
        raise OptionError("{uri} cannot be served ({reason}); choose another", uri=uri, reason=why(error)) from error
    finally:
        engine.close()
    return 0


def checked(uri: str) -> str:
    """``uri`` if it can be served. Raises OptionError."""
    try:
        parts = urlsplit(uri)
        fits = bool(parts.hostname and parts.port) if parts.scheme == "tcp" else parts.scheme == "unix" and parts.path
    except ValueError:
        fits = False
    if not fits:
        raise OptionError("{uri!r} cannot be served; write tcp://HOST:PORT or unix://PATH", uri=uri[:80])
    return uri


def is_exposed(uri: str) -> bool:
    """Whether others than this machine may reach what is served there."""
    parts = urlsplit(uri)
    if parts.scheme == "unix" or parts.hostname == "localhost":
        return False
    try:
        return not ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return True
