"""Which model is recommended: the pure order, and the advice of a library over real facts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import registry
from engine.hub import Hub
from engine.library import Library
from engine.library.advice import MOST_READ, Option, Wish, advise, ranked
from engine.release import Merits, Terms
from engine.systems.chattts import SPEC as CHATTTS
from engine.systems.kokoro import SPEC as KOKORO
from engine.systems.vits import SPEC as VITS
from tests.engine.hub.downloads import PATIENT
from tests.hub_server import FakeHub
from tests.piper import MMS, piper_repository

FREE = Terms(name="MIT", summary="Free.", commercial=True)
BOUND = Terms(name="CC BY-NC 4.0", summary="Not for money.", restricted=True, commercial=False)
SILENT = Terms(name="not stated", summary="Nobody says.", restricted=True)


def option(id: str, natural: int, speed: int, terms: Terms | None = FREE, **more: object) -> Option:  # noqa: A002
    return Option(id=id, merits=Merits(naturalness=natural, speed=speed), terms=terms, **more)


def order(*options: Option, **wish: object) -> list[str]:
    return [each.id for each in ranked(options, Wish(language="de", **wish))]


def test_the_most_natural_comes_first_unless_it_must_be_fast() -> None:
    options = option("person", 4, 2), option("good", 3, 3), option("machine", 1, 4)
    assert order(*options) == ["person", "good", "machine"]
    assert order(*options, fast=True) == ["good", "machine", "person"]


def test_what_may_be_sold_is_known_or_read_first() -> None:
    options = (
        option("bound", 4, 3, BOUND),
        option("silent", 4, 3, SILENT),
        option("free", 2, 3),
        option("unread", 3, 3, None),
    )
    assert order(*options, commercial=True) == ["unread", "free"]
    assert order(*options) == ["bound", "silent", "unread", "free"]


def test_among_equals_it_is_freedom_then_region_then_what_is_here_then_size() -> None:
    small, large = option("small", 3, 3, size=1), option("large", 3, 3, size=2)
    here, near = option("here", 3, 3, size=9, ready=True), option("near", 3, 3, size=10, region="AT")
    far, bound = option("far", 3, 3, region="DE"), option("bound", 3, 3, BOUND, ready=True, region="AT")
    assert order(bound, far, large, small, here, near, region="AT") == [
        "near",
        "here",
        "small",
        "large",
        "far",
        "bound",
    ]


def test_the_order_is_the_same_whatever_comes_first() -> None:
    options = [option(name, 3, 3) for name in "cab"]
    assert order(*options) == order(*reversed(options)) == ["a", "b", "c"]


@pytest.fixture
def server() -> Iterator[FakeHub]:
    voices = {f"de_DE-v{number}-medium": ("See URL", 1) for number in range(3 * MOST_READ)}
    free = {"fr_FR-upmc-medium": ("CC BY 4.0", 2), "fr_FR-siwis-low": ("MIT", 1), "en_US-joe-medium": ("CC0", 1)}
    with FakeHub(piper_repository(voices | free) | MMS) as hub:
        yield hub


@pytest.fixture
def library(server: FakeHub, tmp_path: Path) -> Library:
    return Library((VITS, CHATTTS), tmp_path / "models", Hub(endpoints=[server.url], patience=PATIENT))


def advised(library: Library, language: str, **wish: object) -> list[str]:
    return [each.card.id for each in advise(library, Wish(language=language, **wish)).options]


def test_a_language_of_the_catalogue_is_advised_with_its_licence_read(library: Library) -> None:
    advice = advise(library, Wish(language="fr"))
    assert [each.card.id for each in advice.options] == ["vits/fr_FR-upmc-medium", "vits/fr_FR-siwis-low"]
    assert advice.options[0].card.terms.name == "CC BY 4.0"
    assert advice.languages["fr"] == "French"
    assert "zh" in advice.languages
    assert advice.notes == ()


def test_no_more_cards_are_read_than_a_person_would_wait_for(library: Library, server: FakeHub) -> None:
    assert advised(library, "de", commercial=True) == []
    assert len([seen for seen in server.log if seen.path.endswith("MODEL_CARD")]) == MOST_READ


def test_releases_of_all_systems_are_among_it(library: Library) -> None:
    assert advised(library, "zh") == ["chattts/chattts"]
    assert advised(library, "zh", commercial=True) == []
    english = advise(Library((KOKORO, VITS), None), Wish(language="en", fast=True, commercial=True), most=9).options
    assert english[0].card.id == "kokoro/built-in", "three clicks away is what is here already"


def test_without_a_network_what_is_here_is_advised_and_the_rest_is_told(tmp_path: Path) -> None:
    library = Library((KOKORO, VITS), tmp_path / "models", Hub(offline=True))
    advice = advise(library, Wish(language="en", fast=True))
    assert [each.card.id for each in advice.options] == ["kokoro/built-in"]
    assert "offline" in str(advice.notes[0])


@pytest.mark.parametrize("spec", registry.systems(), ids=lambda spec: spec.id)
def test_merits_are_of_languages_that_are_spoken(spec: object) -> None:
    for release in spec.releases:
        assert set(release.merits) <= {"", *release.languages}
    assert set(spec.bundled_merits) <= {"", *spec.languages}


def test_the_best_voice_of_a_release_is_one_of_its_files() -> None:
    for spec in registry.systems():
        for release in spec.releases:
            places = " ".join(file.place for file in release.files)
            assert all(f"/{merits.voice}." in places for merits in release.merits.values() if merits.voice)
