"""``train``: a model as a configuration file says."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from engine.cli.output import described
from engine.engine import Engine
from engine.errors import ConfigError
from engine.message import why
from engine.steps import finish
from engine.system import SystemSpec


def add(commands: Any) -> None:
    """Declare the command."""
    train = commands.add_parser("train", help="train a model as a configuration says", allow_abbrev=False)
    train.add_argument("config", type=Path, metavar="CONFIG.json")
    train.set_defaults(run=_train)


def _train(chosen: argparse.Namespace, specs: tuple[SystemSpec, ...] | None) -> int:
    spec = Engine(specs).system(_system_of(chosen.config))
    if spec.train is None:
        raise ConfigError(
            "{spec} cannot be trained here; name another system in {config}", spec=spec.name, config=chosen.config.name
        )
    finish(spec.train(chosen.config), lambda step: sys.stderr.write(described(step) + "\n"))
    return 0


def _system_of(config: Path) -> str:
    """The system that a training configuration is for: its key "system", by default vits."""
    try:
        content = json.loads(config.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError("{config} cannot be read: {strerror}", config=config, strerror=why(error)) from error
    except ValueError as error:
        raise ConfigError("{config} is not JSON: {error}", config=config, error=error) from error
    if not isinstance(content, dict):
        raise ConfigError("{config} must hold a JSON object, not a {name}", config=config, name=type(content).__name__)
    system = content.get("system", "vits")
    if not isinstance(system, str):
        raise ConfigError("{config}: system must be a text, not {system!r}", config=config, system=system)
    return system
