"""The flags that say who may come and what they may do, and what they amount to. Each is also in the environment."""

import argparse
import ipaddress
import os
import re
import socket
from collections.abc import Callable, Iterable, Mapping

from server.allowance import Limits
from server.gate import Sites, host_name, is_loopback
from server.rights import Policy

TRUE = ("1", "true", "yes", "on")
# The page of a Space stands in a frame of this site.
SPACES = "https://huggingface.co"
# The host's proxies, as its containers see them.
PROXIES = "10.0.0.0/8"
_ORIGIN = re.compile(r"https?://[^/\s@]+")
_OPEN = ("0.0.0.0", "::")  # every address of the machine


def add_access(flags: argparse.ArgumentParser, env: Mapping[str, str] = os.environ) -> None:
    """Declare --public, --token, --allow-host and the rest."""

    def listed(name: str, convert: Callable[[str], str], help: str, metavar: str) -> None:  # noqa: A002
        default = [convert(part) for part in _parts(env.get(f"POLYPHONE_{name.upper().replace('-', '_')}", ""))]
        several = _several(convert)
        flags.add_argument(f"--{name}", action="extend", type=several, default=default, help=help, metavar=metavar)

    def counted(name: str, default: int, help: str) -> None:  # noqa: A002
        value = env.get(f"POLYPHONE_{name.upper().replace('-', '_')}", str(default))
        flags.add_argument(f"--{name}", default=value, type=within(1, 10_000_000), help=help, metavar="N")

    def switch(name: str, help: str, default: str = "") -> None:  # noqa: A002
        on = env.get(f"POLYPHONE_{name.upper().replace('-', '_')}", default).lower() in TRUE
        flags.add_argument(f"--{name}", action="store_true", default=on, help=help)

    # Who shows a Space to others wants it heard.
    switch("public", "let visitors speak; models and saved voices stay the owner's", "1" if is_space(env) else "")
    token = env.get("POLYPHONE_TOKEN", "")
    flags.add_argument("--token", default=token, help="the owner's token; without --public everything needs it")
    switch("share-voices", "let visitors speak with the saved voices")
    listed("allow-host", _host, "a further name under which the studio answers", "NAME")
    listed("allow-origin", _origin, "a site whose scripts may call the studio", "https://SITE")
    listed("allow-frame", _origin, "a site that may show the page in a frame", "https://SITE")
    limits = Limits()
    counted("visitor-text", limits.text, "characters of a visitor's text")
    counted("visitor-seconds", limits.seconds, "seconds of sound a visitor may have in an hour")
    counted("visitor-requests", limits.requests, "requests a visitor may have in an hour")
    counted("visitor-at-once", limits.at_once, "requests a visitor may have going on at once")


def is_space(env: Mapping[str, str] = os.environ) -> bool:
    """Whether this is a Space of Hugging Face, which says its own name."""
    return bool(env.get("SPACE_HOST"))


def policy_of(chosen: argparse.Namespace) -> Policy:
    """Which kind of studio the flags ask for."""
    return Policy(
        public=chosen.public,
        token=chosen.token.strip(),
        share_voices=chosen.share_voices,
        limits=Limits(
            text=chosen.visitor_text,
            seconds=chosen.visitor_seconds,
            requests=chosen.visitor_requests,
            at_once=chosen.visitor_at_once,
        ),
    )


def sites_of(chosen: argparse.Namespace, env: Mapping[str, str] = os.environ) -> Sites:
    """Under which names the studio answers, and to which other sites. A Space says its own name."""
    hosts, frames = {host_name(chosen.host) or chosen.host, *chosen.allow_host}, list(chosen.allow_frame)
    if space := env.get("SPACE_HOST"):
        hosts |= {name for part in _parts(space) if (name := host_name(part))}
        frames.append(SPACES)
    return Sites(
        hosts=frozenset(hosts - set(_OPEN)),
        addresses=is_exposed(chosen.host),
        origins=frozenset(chosen.allow_origin),
        frames=tuple(dict.fromkeys(frames)),
    )


def why_refused(host: str, policy: Policy) -> str:
    """One line on why the studio must not listen to ``host`` as it is; "" when it may."""
    if policy.public or policy.token or not is_exposed(host):
        return ""
    return (
        f"others can reach {host}: start with --public to let them speak and keep the rest to yourself, "
        "or with --token TOKEN to keep everything to those who have it"
    )


def is_exposed(host: str) -> bool:
    """Whether others than this machine can reach a server that listens to ``host``: an address or a name."""
    name = host_name(host) or host.strip().strip("[]").lower()
    try:
        return not is_loopback(str(ipaddress.ip_address(name.partition("%")[0])))
    except ValueError:
        pass
    if is_loopback(name):
        return False
    try:
        found = socket.getaddrinfo(name, None)
    except OSError:
        return True  # whatever it is, it is not known to be safe
    return not all(is_loopback(str(address[0])) for *_, address in found)


def within(least: int, most: int) -> Callable[[str], int]:
    """The type of a flag that takes a whole number of these."""

    def number(text: str) -> int:
        if not text.strip().isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text[:20]!r} is no whole number in {least}..{most}")
        return int(text)

    return number


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _several(convert: Callable[[str], str]) -> Callable[[str], Iterable[str]]:
    return lambda text: [convert(part) for part in _parts(text)]


def _host(text: str) -> str:
    name = host_name(text)
    if name is None:
        raise argparse.ArgumentTypeError(f"{text[:60]!r} is no name of a host, such as studio.example")
    return name


def _origin(text: str) -> str:
    origin = text.strip().rstrip("/").lower()
    if not _ORIGIN.fullmatch(origin):
        raise argparse.ArgumentTypeError(f"{text[:60]!r} is no site, such as https://studio.example")
    return origin
