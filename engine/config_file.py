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
            raise ConfigError(f"{path} has more than {MAX_BYTES >> 20} MiB; it is no configuration of a model")
        raw = parse(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise WeightsMissing(f"there is no {path.name} in {path.parent}; it belongs beside the weights") from None
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise ConfigError(f"{path} cannot be read as {kind}: {' '.join(str(error).split())[:200]}") from None
    check(isinstance(raw, dict), f"{path} holds no {kind} {'object' if kind == 'JSON' else 'mapping'}")
    return raw


def check(condition: object, message: str) -> None:
    """Raise ConfigError with ``message`` unless ``condition`` holds."""
    if not condition:
        raise ConfigError(message)


def section(raw: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    """The mapping ``raw[name]``; ``where`` names what ``raw`` is."""
    check(isinstance(raw.get(name), dict), f"{where} has no section {name!r}; it belongs to another kind of model")
    return raw[name]


def whole(raw: Mapping[str, Any], key: str, *default: int, least: int | None = None) -> int:
    """``raw[key]`` as a whole number of at least ``least``; what is missing or null has the ``default``, if any."""
    value = _value(raw, key, default)
    valid = _is_number(value) and value == int(value)
    check(valid, f"{key}={_shown(value)} is no whole number")
    check(least is None or value >= least, f"{key}={_shown(value)} is below {least}")
    return int(value)


def number(raw: Mapping[str, Any], key: str, *default: float, above: float | None = None) -> float:
    """``raw[key]`` as a finite number greater than ``above``; what is missing or null has the ``default``, if any."""
    value = _value(raw, key, default)
    check(_is_number(value), f"{key}={_shown(value)} is no number")
    check(above is None or value > above, f"{key}={_shown(value)} is not above {above}")
    return float(value)


def flag(raw: Mapping[str, Any], key: str, *default: bool) -> bool:
    """``raw[key]`` as true or false; what is missing or null has the ``default``, if any."""
    value = _value(raw, key, default)
    check(isinstance(value, bool), f"{key}={_shown(value)} is neither true nor false")
    return value


def wholes(value: Any, key: str, *, most: int | None = None) -> tuple[int, ...]:
    """``value``, which stands under ``key``, as a list of whole numbers whose sizes are at most ``most``."""
    valid = isinstance(value, list) and value and all(type(item) is int for item in value)
    check(valid, f"{key}={_shown(value)} is no list of whole numbers")
    check(len(value) <= MOST_NUMBERS, f"{key} has {len(value)} numbers; at most {MOST_NUMBERS} are allowed")
    check(most is None or max(map(abs, value)) <= most, f"{key} has a number above {most}")
    return tuple(value)


def strings(value: Any) -> bool:
    """Whether ``value`` is a list of strings."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _value(raw: Mapping[str, Any], key: str, default: tuple[Any, ...]) -> Any:
    value = raw.get(key)
    if value is None:
        check(default, f"the key {key!r} is missing")
        return default[0]
    return value


def _is_number(value: Any) -> bool:
    # An integer of a file may be larger than any float.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _shown(value: Any) -> str:
    return repr(value)[:60]
