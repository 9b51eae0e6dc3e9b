"""One shape for every system: the same file names for the same roles, with the same names in them."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from engine import registry
from engine.options import declared

SYSTEMS = Path(registry.__file__).parent / "systems"
SHAPED = registry.NAMES
FILES = (
    *("__init__", "options", "releases", "files", "config", "weights", "checkpoint", "voices", "text", "compat"),
    "front_end",
    *("speaking", "system"),
)
TORCHLESS = ("options", "releases", "files", "config", "front_end")


@pytest.fixture(params=SHAPED)
def system(request: pytest.FixtureRequest) -> str:
    return request.param


def functions(path: Path) -> dict[str, list[str]]:
    """The functions at the top level of a file, with the names of their parameters."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name: [each.arg for each in node.args.args] for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_role_has_its_file(system: str) -> None:
    folder = SYSTEMS / system
    missing = [name for name in FILES if not (folder / f"{name}.py").is_file()]
    assert missing == []
    assert (folder / "networks" / "__init__.py").is_file()


def test_no_network_lies_beside_the_roles(system: str) -> None:
    for path in (SYSTEMS / system).glob("*.py"):
        bases = [
            ast.unparse(base)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ClassDef)
            for base in node.bases
        ]
        assert not {"nn.Module", "Module"} & set(bases), f"{path.name} defines a network"


def test_roles_have_the_same_names_in_every_system(system: str) -> None:
    folder = SYSTEMS / system
    files = functions(folder / "files.py")
    assert files["locate"] == ["checkpoint"]
    assert files["pick"] == ["paths"]
    assert files["speakers"] == ["checkpoint"]
    assert functions(folder / "front_end.py")["front_end"] == ["checkpoint"]
    assert functions(folder / "checkpoint.py")["read"][:1] == ["checkpoint"]
    assert functions(folder / "system.py")["load"] == ["checkpoint", "device", "dtype"]
    assert [name for name in functions(folder / "weights.py") if name.startswith(("load", "read"))] == []


def test_the_facts_are_those_of_the_files(system: str) -> None:
    spec = registry.find(system)
    package = f"engine.systems.{system}"
    files, options, releases = (
        importlib.import_module(f"{package}.{name}") for name in ("files", "options", "releases")
    )
    assert spec.id == system
    assert spec.options is options.Options
    assert spec.releases is releases.RELEASES
    assert (spec.pick, spec.speakers) == (files.pick, files.speakers)
    switches = [option.name for option in declared(spec.options) if option.type == "bool"]
    assert spec.rewrites in ("", *switches)


def test_facts_and_files_need_no_torch(system: str) -> None:
    modules = ", ".join(f"engine.systems.{system}.{name}" for name in TORCHLESS)
    code = f"import sys, engine.systems.{system}, {modules}; sys.exit('torch' in sys.modules and 'torch was imported')"
    done = subprocess.run([sys.executable, "-c", code], cwd=SYSTEMS.parents[1], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
