"""``doctor``: is everything well here, and what to do where it is not."""

import argparse
import json
import os
from typing import Any

from engine.cli.library import add_folder, add_network, open_library
from engine.cli.output import answer
from engine.engine import Engine
from engine.system import SystemSpec

MARKS = {"ok": "ok     ", "warning": "warning", "error": "ERROR  "}


def add(commands: Any) -> None:
    """Declare the command."""
    doctor = commands.add_parser("doctor", help="try everything out, and say what is wrong", allow_abbrev=False)
    doctor.add_argument("--json", action="store_true", help="one JSON object on stdout")
    add_folder(doctor)
    add_network(doctor)
    doctor.set_defaults(run=_doctor)


def _doctor(chosen: argparse.Namespace, specs: tuple[SystemSpec, ...] | None) -> int:
    from engine.doctor import examine
    from engine.hub import Hub

    library = open_library(chosen, specs)
    hub = Hub.from_environment(os.environ, endpoints=tuple(chosen.endpoint), offline=chosen.offline)
    findings = []
    for finding in examine(Engine(specs, library=library), library, hub, os.environ):
        findings.append(finding)
        if not chosen.json:
            advice = f"; {finding.advice}" if finding.advice else ""
            answer(f"{MARKS[finding.state]}  {finding.name:<8}  {finding.fact}{advice}")
    errors = sum(finding.state == "error" for finding in findings)
    warnings = sum(finding.state == "warning" for finding in findings)
    if chosen.json:
        answer(json.dumps({"ok": not errors, "findings": [finding.describe() for finding in findings]}, indent=2))
    elif errors or warnings:
        answer(f"errors: {errors}, warnings: {warnings}")
    else:
        answer("all is well")
    return 1 if errors else 0
