"""What `engine` promises to its users by name, and that asking for it costs nothing before it is used."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import engine

ROOT = Path(__file__).parents[2]
NAMES = [
    *(
        "AudioChunk",
        "Collector",
        "ConversionRequest",
        "Engine",
        "EngineError",
        "Event",
        "HeardWord",
        "Notice",
        "Progress",
    ),
    *(
        "Read",
        "ReadSegment",
        "Rewritten",
        "Speech",
        "SpokenWord",
        "Started",
        "SynthesisRequest",
        "Transcript",
        "Tried",
        "Try",
    ),
    *("UserError", "Voice", "VoicePrompt", "Words", "collect", "gather", "parse"),
]


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_the_list_of_public_names() -> None:
    assert list(engine.__all__) == NAMES
    assert set(NAMES) <= set(dir(engine))


@pytest.mark.parametrize("name", NAMES)
def test_each_is_that_of_its_module_and_has_a_docstring(name: str) -> None:
    found = getattr(engine, name)
    assert found is getattr(sys.modules[engine._HOMES[name]], name)
    if name != "Event":  # a union of types that have one each
        assert found.__module__ == engine._HOMES[name]
        assert inspect.getdoc(found)


def test_the_methods_of_the_door_are_there() -> None:
    public = {name for name in vars(engine.Engine) if not name.startswith("_")}
    assert public == {
        *(
            "say",
            "stream",
            "voice",
            "synthesize",
            "make_voice",
            "read",
            "reading",
            "prepare",
            "loaded",
            "unload",
            "close",
        ),
        *(
            "systems",
            "system",
            "checkpoints",
            "state",
            "voices",
            "traits",
            "check_voice",
            "written",
            "fitting",
            "languages",
        ),
        *("convert", "check_conversion", "defaults", "options", "transcribe"),
    }


def test_checkers_and_editors_are_told_the_same_names() -> None:
    tree = ast.parse(Path(engine.__file__).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    told = {
        alias.asname: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module.startswith("engine.")
        for alias in node.names
        if alias.asname == alias.name
    }
    assert told == engine._HOMES


def test_a_name_that_is_not_there_is_an_attribute_error_and_modules_still_import() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Studio'"):
        engine.Studio  # noqa: B018
    assert run("import engine.errors; print(engine.errors.Busy.__name__)") == "Busy\n"
    assert run("from engine import *; print(Engine.__name__, parse.__name__)") == "Engine parse\n"


def test_importing_engine_brings_nothing_with_it() -> None:
    new = run("import sys; before = {*sys.modules}; import engine; print(*({*sys.modules} - before))")
    assert new == "engine\n"
    heavy = "{'torch', 'soundfile', 'av', 'numba'}"
    assert run(f"import sys; from engine import Engine; Engine(); print({heavy} & {{*sys.modules}})") == "set()\n"
