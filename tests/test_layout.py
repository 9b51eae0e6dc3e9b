"""The layout as a test: files stay short, and a test is found where its module is."""

from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
LONGEST = 500  # lines
FOLDERS = ("benchmarks", "engine", "recipes", "server", "tests", "ui")
SOURCES = [
    path
    for kind in ("py", "js", "css")
    for path in (*ROOT.glob(f"*.{kind}"), *(each for folder in FOLDERS for each in (ROOT / folder).rglob(f"*.{kind}")))
]
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))

# Tests of more than one module, each with what it is of.
INTEGRATION = {
    "tests/engine/hub/test_disk.py": "every module that writes what the hub brings, on a disk that is in trouble",
    "tests/engine/hub/test_faults.py": "the hub's client among servers that answer wrongly",
    "tests/engine/hub/test_fetch.py": "the hub's client: one file fetched",
    "tests/engine/hub/test_offline.py": "the hub's client without a network",
    "tests/engine/hub/test_resume.py": "the hub's client: downloads that were interrupted",
    "tests/engine/systems/chattts/test_end_to_end.py": "text to sound, against the reference's",
    "tests/engine/systems/kokoro/test_bundled.py": "the voices that ship",
    "tests/engine/systems/kokoro/test_understood.py": "what Kokoro says, heard by a recogniser",
    "tests/engine/systems/minimind/test_end_to_end.py": "text to sound, against the reference's layers",
    "tests/engine/systems/test_shape.py": "the folder of every system",
    "tests/engine/test_public_names.py": "the names of the package",
    "tests/engine/text/test_cases_en.py": "the rules of English, case by case",
    "tests/engine/text/test_cases_zh.py": "the rules of Chinese, case by case",
    "tests/engine/text/test_linear.py": "the time that texts of any kind take",
    "tests/engine/text/test_linear_zh.py": "the time that Chinese of any kind takes",
    "tests/engine/text/test_nothing_lost.py": "every front end: no character is lost unsaid",
    "tests/engine/text/test_linear_cjk.py": "the time that Japanese, Korean and mixed text of any kind takes",
    "tests/engine/text/test_nothing_lost_cjk.py": "Japanese, Korean, Thai, Sanskrit, mixed: nothing is lost unsaid",
    "tests/engine/text/test_nothing_lost_zh.py": "Chinese: no character is lost unsaid",
    "tests/ui/test_checked_takes.py": "ui/page/verdict.js, checking.js and clone_said.js, in a browser",
    "tests/ui/test_codecs.py": "the corner where a sound goes through every codec, in a browser",
    "tests/ui/test_clone_systems.py": "the Clone tab over real systems",
    "tests/server/test_linear.py": "the time that texts and names take on their way through the routes",
    "tests/test_citations.py": "what the files cite",
    "tests/ui/test_docker.py": "Dockerfile and compose.yaml",
    "tests/test_imports.py": "which way imports point",
    "tests/test_layout.py": "how long files are, and where tests lie",
    "tests/server/openai/test_programs.py": "what well-known programs send",
    "tests/test_openai_page.py": "what docs/openai.md says",
    "tests/test_readme.py": "what the README says",
    "tests/test_releases.py": "the releases of every system",
    "tests/test_requirements.py": "what the program is installed with",
    "tests/test_templates.py": "how every error and notice is written",
    "tests/ui/test_access.py": "every route for every kind of visitor",
    "tests/ui/test_browser.py": "the whole page in a browser",
    "tests/ui/test_catalogue.py": "ui/page/advice.js and catalogue.js, in a browser",
    "tests/ui/test_clone.py": "the Clone page, in a browser",
    "tests/ui/test_connection.py": "ui/page/connection.js, in a browser whose server comes and goes",
    "tests/ui/test_convert.py": "ui/page/convert_tool.js, in a browser",
    "tests/ui/test_draft.py": "ui/page/draft.js, in a browser",
    "tests/ui/test_files_stay_private.py": "what the server gives away",
    "tests/ui/test_idle_options.py": "ui/page/options.js, in a browser, with every registered system",
    "tests/ui/test_legible.py": "contrast, width, focus and Escape, in a browser",
    "tests/ui/test_other_sites.py": "what pages of other sites can do, in a browser",
    "tests/ui/test_own_models.py": "ui/page/own_models.js, in a browser",
    "tests/ui/test_player.py": "ui/page/player.js, in a browser",
    "tests/ui/test_public_page.py": "the page of a public studio, in a browser",
    "tests/ui/test_reading.py": "what the page says of a text while it is written, and of fields that are wrong",
    "tests/ui/test_releases.py": "downloads, from the page to the disk",
    "tests/ui/test_storage.py": "ui/page/storage.js, in a browser",
    "tests/ui/test_minimind.py": "the page with MiniMind-TTS and the codecs that it needs",
    "tests/ui/test_styletts2.py": "the page with StyleTTS 2: what only it has",
    "tests/ui/test_takes.py": "ui/page/takes.js and the cards in it, in a browser",
    "tests/ui/test_transport_bar.py": "ui/page/transport_bar.js, in a browser",
    "tests/ui/test_untranslated.py": "the words of the whole page, in a browser",
    "tests/ui/test_tabs.py": "ui/page/tabs.js, in a browser",
    "tests/ui/test_voice_panel.py": "ui/page/voice_panel.js and the tools in it, in a browser",
    "tests/ui/test_wire.py": "ui/page/wire.js, against what the server sends",
}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def of(test: Path) -> Path:
    """What a test is of by its name, without its ending: a module, or a folder of them."""
    return ROOT / test.relative_to(ROOT / "tests").with_name(test.stem.removeprefix("test_"))


def module(test: Path) -> Path | None:
    """The module or the package that a test is of; a package's own test may lie beside its modules' tests too."""
    target = of(test)
    within = target.parent / "__init__.py" if target.name == target.parent.name else target.with_suffix(".py")
    candidates = (target.with_suffix(".py"), target / "__init__.py", within)
    return next((each for each in candidates if each.is_file()), None)


def test_no_file_is_too_long_to_be_read_in_one_go() -> None:
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert lengths["engine/registry.py"] > 1
    assert {path: count for path, count in lengths.items() if count > LONGEST} == {}, "cut them by their ideas"


def test_every_test_file_has_its_module() -> None:
    alone = {name(path) for path in TESTS if module(path) is None}
    assert alone - INTEGRATION.keys() == set(), "rename them after a module, or say in INTEGRATION what they are of"
    assert INTEGRATION.keys() - alone == set(), "these have a module of their name, or do not exist"


def test_no_module_has_two_test_files() -> None:
    twice = [name(each) for each, count in Counter(filter(None, map(module, TESTS))).items() if count > 1]
    assert twice == []
