"""The architecture as a test: imports point downward only, heavy packages stay where they belong."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import engine

ROOT = Path(__file__).parent.parent

# From the bottom up; a module may import what stands at its own rank or below, the longest prefix decides.
RANKS = {
    "engine.errors": 0, "engine.message": 0, "engine.events": 0, "engine.request": 0, "engine.options": 0,
    "engine.release": 0, "engine.catalogue": 0, "engine.publisher": 0, "engine.system": 0, "engine.steps": 0,
    "engine.atomic": 1, "engine.config_file": 1, "engine.device": 1, "engine.environment": 1,
    "engine.file_names": 0, "engine.fingerprint": 1, "engine.language": 1, "engine.owned": 1,
    "engine.keys": 1, "engine.lexicon": 1, "engine.pace": 1, "engine.previews": 1, "engine.forking": 1,
    "engine.weights": 1, "engine.weights_cache": 1, "engine.weights_header": 1,
    "engine.reading": 2, "engine.speech": 2, "engine.voice_store": 1, "engine.voice_shelf": 1, "engine.hub": 1,
    "engine.audio": 1, "engine.text": 1, "engine.nn": 1, "engine.training": 2, "engine.codecs": 2, "engine.codec_lm": 2,
    "engine.style_tts": 2, "engine.recognition": 2, "engine.listening": 2,
    "engine.comparing": 2, "engine.database": 1,
    "engine.systems": 3,
    "engine.registry": 4, "engine.residency": 4,
    "engine.library": 4, "engine.models": 5, "engine.doctor": 5, "engine.engine": 5,
    "engine.voicing": 5, "engine.door": 5, "engine.conversion": 5,
    "engine.hearing": 5, "engine.verdict": 5, "engine.retakes": 5,
    "engine.roster": 5,
    "engine.home": 5, "engine.rewriting": 5,
    "engine.cli": 6, "engine.__main__": 7,
    "server": 7,
    "ui": 8,
    "webui": 9, "recipes": 9,
}  # fmt: skip
NETWORK = {"requests", "httpx", "httpx2", "urllib.request", "http.client", "aiohttp", "huggingface_hub"}
# What is made of the whole page, and not of a system.
PAGE_RECIPES = {"recipes.page_picture"}
FOLDERS = ("ui", "server", "engine", "recipes")
FILES = [ROOT / "webui.py", *(path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")))]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def rank(module: str) -> int | None:
    matches = [prefix for prefix in RANKS if module == prefix or module.startswith(prefix + ".")]
    return RANKS[max(matches, key=len)] if matches else None


def imports(path: Path, *, lazy: bool = True) -> set[str]:
    """Names imported in a file; with ``lazy`` also those inside functions, never those for type checking alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names: set[str] = set()
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            todo += node.orelse
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and not lazy:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import"
            # A public name of the package is one of the module that it comes from.
            homes = engine._HOMES if node.module == "engine" else {}
            named = {homes.get(alias.name, f"{node.module}.{alias.name}") for alias in node.names}
            names |= {node.module} | named
        todo += list(ast.iter_child_nodes(node))
    return names


def system_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[2] if parts[:2] == ["engine", "systems"] and len(parts) > 2 else None


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_imports_point_downward_and_never_sideways_between_systems(path: Path) -> None:
    own = module_name(path)
    if own == "engine":
        assert imports(path, lazy=False) == set(), "importing engine must cost nothing"
        return
    assert rank(own) is not None, f"{own} has no rank: add it to the table"
    for name in imports(path):
        below = rank(name)
        if below is not None:
            assert below <= rank(own), f"{own} imports upward: {name}"
        if system_of(name) and system_of(own):
            assert system_of(name) == system_of(own), f"{own} imports another system: {name}"


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_gradio_lives_in_ui_alone_and_the_network_in_the_hub(path: Path) -> None:
    own = module_name(path)
    for name in imports(path):
        if name.split(".")[0] in ("gradio", "gradio_client"):
            assert own.startswith("ui."), f"{own} imports {name}"
        if any(name == package or name.startswith(package + ".") for package in NETWORK):
            assert own.startswith("engine.hub."), f"{own} imports {name}, which reaches the network"


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_recipes_use_systems_and_the_program_uses_no_recipe(path: Path) -> None:
    names = {name for name in imports(path) if name == "recipes" or name.startswith("recipes.")}
    if module_name(path).split(".")[0] != "recipes":
        assert names == set()
        return
    most = RANKS["ui" if module_name(path) in PAGE_RECIPES else "engine.systems"]
    for name in imports(path) - names:
        assert (rank(name) or 0) <= most, f"a recipe imports {name}, which is no part of what it makes"


def test_the_contract_imports_only_the_standard_library_and_numpy() -> None:
    allowed = set(sys.stdlib_module_names) | {"numpy", "engine"}
    for path in FILES:
        if rank(module_name(path)) == 0:
            assert {name.split(".")[0] for name in imports(path)} <= allowed, path.name


@pytest.mark.parametrize(
    ("modules", "heavy"),
    [
        ("engine.registry, engine.cli, engine.engine, server.backend, ui.app", "torch transformers librosa numba"),
        ("server.backend", "gradio gradio_client torch"),
    ],
)
def test_listing_systems_and_drawing_the_page_import_nothing_heavy(modules: str, heavy: str) -> None:
    code = (
        f"import sys, {modules}; import engine.registry; engine.registry.systems();"
        f"sys.exit(sorted(set({heavy.split()}) & sys.modules.keys()) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
