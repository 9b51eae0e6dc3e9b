"""Every error, notice and stage is written as a literal template: the key by which it can be translated."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ui.words.catalogue import sources, written

ROOT = Path(__file__).parent.parent
# Two words in a row, or one that stands for nothing.
PROSE = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}|^none$")
# What hands on a message that was made elsewhere, by file: what is written there.
HANDED_ON = {
    "engine/config_file.py": {"template"},
    "engine/engine.py": {"remark"},
    "engine/errors.py": {"template"},
    "engine/hub/client.py": {"label"},
    "engine/hub/download.py": {"label"},
    "engine/library/__init__.py": {"progress.label"},
    "engine/message.py": {"text", "error.strerror or str(error)"},
    "engine/options.py": {"self.label"},
    "engine/systems/chattts/voice_files.py": {"error.message"},
    "engine/systems/styletts2/voices.py": {"made_with"},
    "engine/systems/vits/front_end.py": {"message"},
    "engine/text/script.py": {"name"},
    "server/grid_routes.py": {"error.message"},
    "server/listening_routes.py": {"error.message"},
    "server/errors.py": {"' '.join(line.split())", "message.template", "_cut(shorter, LONGEST)"},
    "engine/systems/vits/training/train.py": {"note"},
    "engine/codecs/training/train.py": {"label"},
    "engine/systems/minimind/training/train.py": {"label", "note"},
    "engine/weights_cache.py": {"label"},
    "server/takes.py": {"notice"},
    "server/text_routes.py": {"notice"},
    "server/voice_routes.py": {"error.message"},
}


def makers(tree: ast.AST) -> set[str]:
    """The functions of a file that return a Message: what they return is written where they make it."""
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.returns is not None and ast.unparse(node.returns) == "Message"
    }


def composed(tree: ast.AST) -> dict[str, int]:
    """Expressions in the place of a template that are neither a literal nor a message, each with its line."""
    found: dict[str, int] = {}
    for call, text in written(tree):
        if isinstance(text, ast.Constant):
            continue
        makes = ast.unparse(text.func).removeprefix("self.") if isinstance(text, ast.Call) else ""
        if makes != "Message" and makes not in makers(tree):
            found[ast.unparse(text)] = call.lineno
    return found


def english_values(tree: ast.AST) -> dict[str, int]:
    """English that a value brings into a template: it would stand in every translation. Each with its line."""
    assigned: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            assigned.setdefault(node.targets[0].id, []).append(node.value)
    found = {}
    for call, _ in written(tree):
        for value in [keyword.value for keyword in call.keywords if keyword.arg not in (None, "message", "label")]:
            sources = [value, *assigned.get(value.id, ())] if isinstance(value, ast.Name) else [value]
            found |= {text: call.lineno for source in sources for text in _prose(source)}
    return found


def _prose(value: ast.AST) -> Iterator[str]:
    """The literals in an expression that are words of a sentence, but for those that are messages themselves."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "Message":
        return
    if isinstance(value, ast.Constant) and isinstance(value.value, str) and PROSE.search(value.value):
        yield value.value
    for inner in ast.iter_child_nodes(value):
        yield from _prose(inner)


def test_no_value_is_english() -> None:
    found = {
        f"{path.relative_to(ROOT).as_posix()}:{line} {text!r}"
        for path in sources()
        for text, line in english_values(ast.parse(path.read_text(encoding="utf-8"))).items()
    }
    assert found == set(), "make it a Message, or a template of its own"


def test_english_in_a_value_is_found() -> None:
    code = """
what = f"{n} ran out of memory"
raise TextError("{what}; try again", what=what)
raise TextError("{names}", names=", ".join(names) or "none")
raise TextError("{where}", where=Message("none is installed") if x else path)
raise TextError("{name}", name=f"train.{key}")
"""
    assert set(english_values(ast.parse(code))) == {" ran out of memory", "none"}


def test_errors_and_notices_are_literal_templates() -> None:
    found = {
        f"{name}:{line} {text}"
        for path in sources()
        for name in [path.relative_to(ROOT).as_posix()]
        for text, line in composed(ast.parse(path.read_text(encoding="utf-8"))).items()
        if text not in HANDED_ON.get(name, ())
    }
    assert found == set(), "write each as a literal with {named} fields, and hand the values on by name"


def test_what_is_said_to_be_handed_on_is() -> None:
    for name, texts in HANDED_ON.items():
        found = composed(ast.parse((ROOT / name).read_text(encoding="utf-8")))
        assert texts <= found.keys(), f"{name} does not hand on {texts - found.keys()} any more"


def test_what_is_composed_is_found() -> None:
    code = """
def said() -> Message:
    return Message("{x} is bad", x=x)
raise TextError(f"{x} is bad")
raise TextError("bad: " + x)
raise TextError("{x} is bad", x=x)
raise Offline(said())
check(x, f"{x}!")
Notice(message=Message(f"{x}?"))
Progress(done=1, total=2, label=f"reading {x}")
"""
    assert set(composed(ast.parse(code))) == {"f'{x} is bad'", "'bad: ' + x", "f'{x}!'", "f'{x}?'", "f'reading {x}'"}
