"""``keys``: what programs show to a studio that others reach; create, list, revoke."""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from engine.cli.library import add_folder, open_library
from engine.cli.output import answer
from engine.errors import OptionError
from engine.keys import FILE, Key, Keys
from engine.system import SystemSpec

Act = Callable[[Keys, argparse.Namespace], None]
# The flags of a new key, the fields of `Key` that they set, and what they mean.
LIMITS = {
    "text": "characters of a text",
    "seconds": "seconds of sound in an hour",
    "requests": "requests in an hour",
    "at_once": "requests at once",
}
_DEFAULTS = Key(name="", hash="", created="")


def add(commands: Any) -> None:
    """Declare the command and its own commands."""
    keys = commands.add_parser("keys", help="keys for programs that use the API", allow_abbrev=False)
    inner = keys.add_subparsers(dest="act", required=True, metavar="|".join(ACTS))
    for name, (act, help) in ACTS.items():  # noqa: A001
        parser = inner.add_parser(name, help=help, description=help, allow_abbrev=False)
        if name != "list":
            parser.add_argument("name", metavar="NAME", help="whom the key is for")
        if name == "create":
            for field, meaning in LIMITS.items():
                default = getattr(_DEFAULTS, field)
                parser.add_argument(f"--{field.replace('_', '-')}", default=default, metavar="N", help=meaning)
        parser.add_argument("--json", action="store_true", help="as JSON on stdout")
        add_folder(parser)
        parser.set_defaults(run=_run, act=act)


def _run(chosen: argparse.Namespace, specs: tuple[SystemSpec, ...] | None) -> int:
    folder = open_library(chosen, specs).folder
    chosen.act(Keys(folder and folder / FILE), chosen)
    return 0


def _create(keys: Keys, chosen: argparse.Namespace) -> None:
    limits = {field: _number(field, getattr(chosen, field)) for field in LIMITS}
    secret = keys.create(chosen.name, **limits)
    answer(json.dumps({"name": chosen.name, "key": secret}) if chosen.json else secret)


def _list(keys: Keys, chosen: argparse.Namespace) -> None:
    if chosen.json:
        shown = [{name: value for name, value in asdict(key).items() if name != "hash"} for key in keys.all()]
        answer(json.dumps(shown, indent=2))
        return
    lines = [
        f"{key.name}: since {key.created}; {key.text} characters, {key.seconds} s and {key.requests} requests an hour, "
        f"{key.at_once} at once"
        for key in keys.all()
    ]
    answer("\n".join(lines or ["there is no key yet; keys create makes one"]))


def _revoke(keys: Keys, chosen: argparse.Namespace) -> None:
    keys.revoke(chosen.name)
    answer(json.dumps({"name": chosen.name}) if chosen.json else f"the key for {chosen.name} opens nothing any more")


ACTS: dict[str, tuple[Act, str]] = {
    "create": (_create, "a new key, which is shown this once"),
    "list": (_list, "whom the keys are for, and how much each may use"),
    "revoke": (_revoke, "let a key open nothing any more, at once"),
}


def _number(field: str, value: int | str) -> int:
    text = str(value).strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) > 0):
        raise OptionError(
            "--{field} must be a whole number above 0, not {value!r}", field=field.replace("_", "-"), value=text[:20]
        )
    return int(text)
