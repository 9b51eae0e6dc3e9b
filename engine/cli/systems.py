"""``systems``: what there is, with every option, its bounds and its meaning."""

import argparse
import json
from collections.abc import Mapping, Sequence
from typing import Any

from engine.cli.library import add_folder, open_library
from engine.cli.output import answer
from engine.engine import Engine
from engine.errors import UserError
from engine.options import declared
from engine.system import SystemSpec

# What is told of an option, in this order; null where its kind has no such thing.
KEYS = (
    *("name", "label", "type", "default", "minimum", "maximum", "step", "choices", "max_length"),
    *("group", "needs", "help"),
)


def add(commands: Any) -> None:
    """Declare the command."""
    systems = commands.add_parser("systems", help="list the systems and their options", allow_abbrev=False)
    systems.add_argument("--json", action="store_true", help="as a JSON array on stdout")
    add_folder(systems)
    systems.set_defaults(run=_systems)


def _systems(chosen: argparse.Namespace, specs: tuple[SystemSpec, ...] | None) -> int:
    engine = Engine(specs, library=open_library(chosen, specs))
    facts = [_facts(engine, spec) for spec in engine.systems()]
    if chosen.json:
        answer(json.dumps(facts, indent=2))
    else:
        answer("\n\n".join(map(_readable, facts)))
    return 0


def _facts(engine: Engine, spec: SystemSpec) -> dict[str, Any]:
    options = [{key: option.describe().get(key) for key in KEYS} for option in declared(spec.options)]
    return {
        "id": spec.id,
        "name": spec.name,
        "purpose": spec.purpose,
        "summary": spec.summary,
        "state": engine.state(spec.id),
        "languages": list(spec.languages),
        "tokens": dict(spec.tokens),
        "sample_rate": spec.sample_rate,
        "voices": (voices := _voices(engine, spec)),
        "labels": {name: str(label) for name, label in spec.labels(voices).items()},
        "licences": {"code": spec.licences.code, "weights": spec.licences.weights},
        "options": options,
    }


def _voices(engine: Engine, spec: SystemSpec) -> list[str]:
    try:
        return list(engine.voices(spec.id))
    except UserError:
        return []  # a damaged checkpoint must not hide the others; whoever speaks with it is told what is wrong


def _readable(facts: Mapping[str, Any]) -> str:
    rows = [
        [each["name"], each["type"], _shown(each["default"]), _bounds(each), f"{each['label']}. {each['help']}"]
        for each in facts["options"]
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
    table: dict[str, list[str]] = {"": []}
    for option, row in zip(facts["options"], rows, strict=True):
        line = "    " + "  ".join([*map(str.ljust, row[:4], widths), row[4]])
        table.setdefault(option["group"], []).append(line)
    listed = [line for group, lines in table.items() for line in ([f"  {group.lower()}"] if group else []) + lines]
    return "\n".join(
        [
            f"{facts['id']}: {facts['name']} ({facts['state']})",
            f"  {facts['summary']}",
            f"  languages  {', '.join(facts['languages'])}",
            f"  voices     {_named(facts['voices'], facts['labels']) or 'those of the checkpoint'}",
            *([f"  tokens     {' '.join(facts['tokens'])}"] if facts["tokens"] else []),
            f"  sound      {facts['sample_rate']} Hz",
            f"  licences   code: {facts['licences']['code']}; weights: {facts['licences']['weights']}",
            "  options",
            *(listed or ["    none"]),
        ]
    )


def _named(voices: Sequence[str], labels: Mapping[str, str]) -> str:
    """The names of voices, each with what people call it where that says more."""
    return ", ".join(f"{name} ({labels[name]})" if name in labels else name for name in voices)


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value}" or '""'


def _bounds(option: Mapping[str, Any]) -> str:
    if option["choices"]:
        return "|".join(option["choices"])
    if option["minimum"] is not None:
        return f"{option['minimum']:.10g}..{option['maximum']:.10g}"
    return "true|false" if option["type"] == "bool" else f"at most {option['max_length']} characters"
