"""``systems``: what there is, with every option, its bounds and its meaning."""

import argparse
import json
from collections.abc import Mapping, Sequence
from typing import Any

from engine.cli.library import add_folder, open_library
from engine.cli.output import answer
from engine.engine import Engine
from engine.roster import facts
from engine.system import SystemSpec


def add(commands: Any) -> None:
    """Declare the command."""
    systems = commands.add_parser("systems", help="list the systems and their options", allow_abbrev=False)
    systems.add_argument("--json", action="store_true", help="as a JSON array on stdout")
    add_folder(systems)
    systems.set_defaults(run=_systems)


def _systems(chosen: argparse.Namespace, specs: tuple[SystemSpec, ...] | None) -> int:
    engine = Engine(specs, library=open_library(chosen, specs))
    known = [facts(engine, spec) for spec in engine.systems()]
    if chosen.json:
        answer(json.dumps(known, indent=2))
    else:
        answer("\n\n".join(map(_readable, known)))
    return 0


def _readable(system: Mapping[str, Any]) -> str:
    rows = [
        [each["name"], each["type"], _shown(each["default"]), _bounds(each), f"{each['label']}. {each['help']}"]
        for each in system["options"]
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
    table: dict[str, list[str]] = {"": []}
    for option, row in zip(system["options"], rows, strict=True):
        line = "    " + "  ".join([*map(str.ljust, row[:4], widths), row[4]])
        table.setdefault(option["group"], []).append(line)
    listed = [line for group, lines in table.items() for line in ([f"  {group.lower()}"] if group else []) + lines]
    return "\n".join(
        [
            f"{system['id']}: {system['name']} ({system['state']})",
            f"  {system['summary']}",
            f"  languages  {', '.join(system['languages'])}",
            f"  voices     {_named(system['voices'], system['labels']) or 'those of the checkpoint'}",
            *([f"  tokens     {' '.join(system['tokens'])}"] if system["tokens"] else []),
            f"  sound      {system['sample_rate']} Hz",
            f"  licences   code: {system['licences']['code']}; weights: {system['licences']['weights']}",
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
