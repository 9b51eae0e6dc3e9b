"""A checkpoint's configuration file as a mapping, and its values held to their kinds. Imports no torch.

The files come from anywhere, so they are bounded, and every mistake in them is a ConfigError that names the key.
"""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from engine.errors import ConfigError, WeightsMissing

MAX_BYTES = 1 << 20
MOST_NUMBERS = 64


def read_json(path: Path) -> dict[str, Any]:
    """The object in ``path``. Raises WeightsMissing when there is no such file, ConfigError when it is no object."""
    return _read(path, "JSON", json.loads)


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in ``path``. Raises WeightsMissing when there is no such file, ConfigError when it is no mapping."""
    return _read(path, "YAML", yaml.safe_load)


def _read(path: Path, kind: str, parse: Callable[[str], Any]) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError(
                "{path} has more than {max_bytes} MiB; it is no configuration of a model",
                path=path,
                max_bytes=MAX_BYTES >> 20,
            )
        raw = parse(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise WeightsMissing(
            "there is no {path} in {parent}; it belongs beside the weights", path=path.name, parent=path.parent
        ) from None
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise ConfigError(
            "{path} cannot be read as {kind}: {error}", path=path, kind=kind, error=" ".join(str(error).split())[:200]
        ) from None
    check(isinstance(raw, dict), "{path} holds no mapping of names in {kind}", path=path, kind=kind)
    return raw


def check(condition: object, template: str, /, **values: Any) -> None:
    """Raise ConfigError with the message of ``template`` and ``values`` unless ``condition`` holds."""
    if not condition:
        raise ConfigError(template, **values)


def section(raw: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    """The mapping ``raw[name]``; ``where`` names what ``raw`` is."""
    check(
        isinstance(raw.get(name), dict),
        "{where} has no section {name!r}; it belongs to another kind of model",
        where=where,
        name=name,
    )
    return raw[name]


def whole(raw: Mapping[str, Any], key: str, *default: int, least: int | None = None) -> int:
    """``raw[key]`` as a whole number of at least ``least``; what is missing or null has the ``default``, if any."""
    value = _value(raw, key, default)
    valid = _is_number(value) and value == int(value)
    check(valid, "{key}={value} is no whole number", key=key, value=_shown(value))
    check(least is None or value >= least, "{key}={value} is below {least}", key=key, value=_shown(value), least=least)
    return int(value)


def number(raw: Mapping[str, Any], key: str, *default: float, above: float | None = None) -> float:
    """``raw[key]`` as a finite number greater than ``above``; what is missing or null has the ``default``, if any."""
    value = _value(raw, key, default)
    check(_is_number(value), "{key}={value} is no number", key=key, value=_shown(value))
    check(
        above is None or value > above, "{key}={value} is not above {above}", key=key, value=_shown(value), above=above
    )
    return float(value)


def flag(raw: Mapping[str, Any], key: str, *default: bool) -> bool:
    """``raw[key]`` as true or false; what is missing or null has the ``default``, if any."""
    value = _value(raw, key, default)
    check(isinstance(value, bool), "{key}={value} is neither true nor false", key=key, value=_shown(value))
    return value


def wholes(value: Any, key: str, *, most: int | None = None) -> tuple[int, ...]:
    """``value``, which stands under ``key``, as a list of whole numbers whose sizes are at most ``most``."""
    valid = isinstance(value, list) and value and all(type(item) is int for item in value)
    check(valid, "{key}={value} is no list of whole numbers", key=key, value=_shown(value))
    check(
        len(value) <= MOST_NUMBERS,
        "{key} has {count} numbers; at most {most_numbers} are allowed",
        key=key,
        count=len(value),
        most_numbers=MOST_NUMBERS,
    )
    check(most is None or max(map(abs, value)) <= most, "{key} has a number above {most}", key=key, most=most)
    return tuple(value)


def nested_wholes(raw: Mapping[str, Any], key: str, *, most: int | None = None) -> tuple[tuple[int, ...], ...]:
    """``raw[key]`` as a list of lists of whole numbers, each read as `wholes` does."""
    value = raw.get(key)
    if not isinstance(value, list):
        raise ConfigError("{key}={value} is no list of lists of whole numbers", key=key, value=_shown(value))
    return tuple(wholes(inner, key, most=most) for inner in value)


def strings(value: Any) -> bool:
    """Whether ``value`` is a list of strings."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _value(raw: Mapping[str, Any], key: str, default: tuple[Any, ...]) -> Any:
    value = raw.get(key)
    if value is None:
        check(default, "the key {key!r} is missing", key=key)
        return default[0]
    return value


def _is_number(value: Any) -> bool:
    # An integer of a file may be larger than any float.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _shown(value: Any) -> str:
    return repr(value)[:60]
