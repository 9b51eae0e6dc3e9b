"""Every English text of ours outside the script that the page may show: what a translation is complete against.

Errors, notices and stages of long work are found in the source, each written as a literal template; names, help,
summaries, licences and the like are those that the systems declare.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from engine import errors, registry
from engine.errors import EngineError
from engine.message import plain
from engine.options import Choice, Text, declared
from engine.publisher import Publisher
from engine.system import SystemSpec
from engine.text import script
from server.errors import RequestError
from ui.words import LANGUAGES, read

ROOT = Path(__file__).parent.parent.parent
FOLDERS = ("engine", "server", "ui")
# Which argument of a call holds the template, by place or by name; errors have it first.
PLACES = {"Message": 0, "check": 1}
KEYWORDS = {"Notice": "message", "Progress": "label"}
DECLARED = {"Release": ("title", "note"), "Terms": ("name", "summary")}


def catalogue() -> frozenset[str]:
    """The texts in English, as a language's "texts" has them for keys."""
    found = {text for path in sources() for text in templates(ast.parse(path.read_text(encoding="utf-8")))}
    for spec in registry.systems():
        found |= set(of_system(spec))
    for recogniser in registry.recognisers():
        found |= {recogniser.summary, recogniser.bundled_title, *of_publisher(recogniser)}
    for codec in registry.codecs():
        found |= {codec.summary, *of_publisher(codec)}
    found |= set(script.NAMES.values())
    return frozenset(found - {""})


def missing(language: str) -> frozenset[str]:
    """The texts that one of `LANGUAGES` has no translation of."""
    return catalogue() - read(language).texts.keys()


def sources() -> list[Path]:
    """The files in which errors and notices are made."""
    return [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]


def written(tree: ast.AST) -> Iterator[tuple[ast.Call, ast.expr]]:
    """The calls that make an error, a notice, a stage or a message, each with the expression that is its template."""
    kinds = _errors(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        name = node.func.id
        if name in KEYWORDS:
            yield from ((node, each.value) for each in node.keywords if each.arg == KEYWORDS[name])
        elif (place := 0 if name in kinds else PLACES.get(name)) is not None and len(node.args) > place:
            yield node, node.args[place]


def templates(tree: ast.AST) -> Iterator[str]:
    """The literal texts in a file, as keys of translations."""
    for call, text in written(tree):
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            has_values = bool(call.keywords) and ast.unparse(call.func) not in KEYWORDS
            yield plain(text.value) if has_values else text.value
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            for keyword in node.keywords:
                if keyword.arg in DECLARED.get(node.func.id, ()) and isinstance(keyword.value, ast.Constant):
                    yield str(keyword.value.value)


def _errors(tree: ast.AST) -> set[str]:
    """The names of the engine's errors, of the server's, and of those that a file makes of them for itself."""
    names = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, EngineError)}
    names.add(RequestError.__name__)
    return names | {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and names & {ast.unparse(base) for base in node.bases}
    }


def of_system(spec: SystemSpec) -> Iterator[str]:
    """What a system says of itself, of its options and of its checkpoints."""
    yield from (
        spec.purpose,
        spec.summary,
        spec.voicing.strings,
        spec.bundled_title,
        *spec.tokens.values(),
        *of_publisher(spec),
    )
    for option in declared(spec.options):
        yield from (option.label, option.group, option.control.help)
        if isinstance(option.control, Choice):
            yield from option.control.choices
        if isinstance(option.control, Text):
            yield from (name for name, _ in option.control.suggestions)


def of_publisher(spec: Publisher) -> Iterator[str]:
    """What a system, a recogniser or a codec says of its licences and its releases."""
    yield from (spec.licences.code, spec.licences.weights)
    for release in spec.releases:
        yield from (release.title, release.terms.name, release.terms.summary, release.note)


if __name__ == "__main__":
    # What is to be translated: a language and an English text on each line.
    for language in LANGUAGES[1:]:
        for text in sorted(missing(language)):
            print(f"{language}  {text}")  # noqa: T201
