"""What files cite of docs/ exists, with the heading that they name; nobody cites what a reader cannot open."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CITATION = re.compile(r"(docs/[\w/.-]+?\.md)(?:#([\w-]+))?")
FILES = [
    path
    for kind in ("py", "js", "css", "md")
    for folder in ("engine", "ui", "server", "recipes", "benchmarks", "tests", "docs")
    for path in sorted((ROOT / folder).rglob(f"*.{kind}"))
] + sorted((*ROOT.glob("*.py"), *ROOT.glob("*.md"), *ROOT.glob("*.toml"), *ROOT.glob("*.txt"), ROOT / "Makefile"))
UNREACHABLE = re.compile(r"\bspecification, (?:section|\d)|\bthe specification\b|\bsections? \d", re.IGNORECASE)
PUBLISHED = re.compile(r"(?:arXiv[: ][\d.]+(?:v\d)?|RFC \d+),?\s+section \d", re.IGNORECASE)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def cited(text: str) -> list[tuple[str, str]]:
    """The files and headings that a text cites, in order; "" is no heading."""
    return CITATION.findall(text)


@cache
def headings(path: Path) -> frozenset[str]:
    """The slugs by which GitHub reaches the headings of a file; what stands in a block of code is none."""
    found: dict[str, int] = {}
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    slugs = set()
    for title in re.findall(r"^#{1,6} +(.+?) *#*$", text, re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        count = found[slug] = found.get(slug, -1) + 1
        slugs.add(f"{slug}-{count}" if count else slug)
    return frozenset(slugs)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_what_is_cited_exists(path: Path) -> None:
    if path == Path(__file__):
        return
    for file, heading in cited(path.read_text(encoding="utf-8")):
        assert (ROOT / file).is_file(), f"{name(path)} cites {file}, which does not exist"
        if heading:
            assert heading in headings(ROOT / file), f"{name(path)} cites {file}#{heading}; no heading has this slug"


def test_nobody_cites_what_a_reader_cannot_open() -> None:
    texts = {name(path): path.read_text(encoding="utf-8") for path in FILES if path != Path(__file__)}
    found = {path: UNREACHABLE.search(PUBLISHED.sub("", text)) for path, text in texts.items()}
    assert {path: match[0] for path, match in found.items() if match} == {}, "cite docs/ or a paper"


def test_a_bare_section_is_found_and_a_published_one_is_not() -> None:
    assert UNREACHABLE.search("see Specification, section 5.2")
    assert UNREACHABLE.search("as section 3 says")
    assert not UNREACHABLE.search(PUBLISHED.sub("", "(arXiv:2302.13971, section 2.2; RFC 7845 section 5.2)"))


def test_every_document_of_a_system_is_cited_by_its_code() -> None:
    for document in (ROOT / "docs" / "systems").glob("*.md"):
        sources = (ROOT / "engine" / "systems" / document.stem).rglob("*.py")
        files = {file for path in sources for file, _ in cited(path.read_text(encoding="utf-8"))}
        assert name(document) in files, f"nothing in {document.stem} cites {name(document)}"


def test_slugs_are_those_of_github(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# The reference's front end\n\n## A `b`, c\n\n```\n# no heading\n```\n\n## A b c\n\n## A b c ##\n")
    assert headings(page) == {"the-references-front-end", "a-b-c", "a-b-c-1", "a-b-c-2"}
    assert cited("see docs/systems/x.md#a-b, docs/y.md.") == [("docs/systems/x.md", "a-b"), ("docs/y.md", "")]
