"""Every error and notice is written as a literal template, so that each has a key by which it can be translated."""

import ast
from pathlib import Path

from ui.words.catalogue import sources, written

ROOT = Path(__file__).parent.parent
# What hands on a message that was made elsewhere, by file: what is written there.
HANDED_ON = {
    "engine/config_file.py": {"template"},
    "engine/engine.py": {"remark"},
    "engine/errors.py": {"template"},
    "engine/systems/chattts/voice_files.py": {"error.message"},
    "engine/systems/vits/front_end.py": {"message"},
    "server/errors.py": {"' '.join(error.message.split())", "f'{message[:LONGEST]}…'"},
    "server/speak_routes.py": {"message"},
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
"""
    assert set(composed(ast.parse(code))) == {"f'{x} is bad'", "'bad: ' + x", "f'{x}!'", "f'{x}?'"}
