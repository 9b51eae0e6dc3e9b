"""Piper's catalogue through a library: found, shown with its licence, downloaded, held to its sums, kept, deleted."""

import dataclasses
import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.catalogue import Entry
from engine.errors import Corrupt, DownloadError, NotFound, Offline, TermsNotAccepted, WeightsMissing
from engine.hub import Hub
from engine.library import Library
from engine.library.catalogues import Catalogues, Wanted
from engine.library.documents import FOLDER, Documents
from engine.steps import finish
from engine.systems.vits import SPEC as VITS
from engine.systems.vits.catalogue import PIPER, REPOSITORY
from tests.engine.hub.downloads import PATIENT
from tests.hub_server import FakeHub
from tests.piper import VOICE, VOICES, folder_of, piper_repository, sample
from tests.timing import PATIENCE_S, within

# Its other catalogue has tests of its own.
SPEC = dataclasses.replace(VITS, catalogues=(PIPER,))
ANNA = "vits/de_DE-anna-low"
SIWIS = "vits/fr_FR-siwis-medium"


@pytest.fixture
def server() -> Iterator[FakeHub]:
    with FakeHub(piper_repository()) as hub:
        yield hub


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def library(server: FakeHub, folder: Path) -> Library:
    return Library((SPEC,), folder, Hub(endpoints=[server.url], ledger=folder / ".ledger.json", patience=PATIENT))


def names(library: Library, query: str = "", most: int = 100, **more: object) -> list[str]:
    return [each.entry.name for each in library.catalogues.search(Wanted(query=query, **more), most).entries]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("german", ["de_DE-thorsten_emotional-medium", "de_DE-anna-low", "de_DE-eva_k-x_low"]),
        ("Deutsch", ["de_DE-thorsten_emotional-medium", "de_DE-anna-low", "de_DE-eva_k-x_low"]),
        ("DE anna", ["de_DE-anna-low"]),
        ("de_DE low", ["de_DE-anna-low", "de_DE-eva_k-x_low"]),
        ("de-de-anna-low", ["de_DE-anna-low"]),
        ("thorst", ["de_DE-thorsten_emotional-medium"]),
        ("islenska", ["is_IS-bui-medium"]),
        ("Íslenska", ["is_IS-bui-medium"]),
        ("francais", ["fr_FR-siwis-medium"]),
        ("tugao", ["pt_PT-tugao-medium"]),
        ("pt_PT-tugão-medium", ["pt_PT-tugao-medium"]),
        ("中文", []),
        ("简体", ["zh_CN-huayan-x_low"]),
        ("united states", ["en_US-joe-medium", "en_US-libritts_r-high"]),
        ("nobody", []),
        ("german nobody", []),
        ("../..", sorted(name.replace("ã", "a") for name in VOICES)),
    ],
)
def test_voices_are_found_by_the_names_of_their_languages_and_their_own(
    library: Library, query: str, found: list[str]
) -> None:
    assert sorted(names(library, query)) == sorted(found)


def test_the_best_fitting_come_first_and_no_more_than_were_asked_for(library: Library) -> None:
    assert names(library, "german")[0] == "de_DE-thorsten_emotional-medium"
    assert names(library, "de")[:3] == [*names(library, "german")]
    some = library.catalogues.search(Wanted(), 2)
    assert (len(some.entries), some.total) == (2, len(VOICES))
    assert some.languages["is"] == "Icelandic"


def test_filters_narrow_it(library: Library) -> None:
    assert names(library, quality="high") == ["en_US-libritts_r-high"]
    assert names(library, language="is") == ["is_IS-bui-medium"]
    assert names(library, speakers=2, language="de") == ["de_DE-thorsten_emotional-medium"]
    size = VOICE.stat().st_size
    assert names(library, most_bytes=size // 2) == []
    assert len(names(library, most_bytes=2 * size)) == len(VOICES)
    assert library.catalogues.search(Wanted(), 10, "chattts").total == 0


def test_the_licence_is_told_before_a_byte_of_the_voice_is_fetched(library: Library, server: FakeHub) -> None:
    card = library.card(SIWIS)
    assert (card.terms.name, card.terms.restricted, card.terms.commercial) == ("CC BY-NC-SA 4.0", True, False)
    assert (card.state, card.exact, card.languages) == ("downloadable", True, ("fr",))
    assert card.source == f"https://huggingface.co/{REPOSITORY}/tree/main/fr/fr_FR/siwis/medium"
    asked = {seen.path.rpartition("/")[2] for seen in server.log if seen.server == "hub"}
    assert asked == {"voices.json", "MODEL_CARD"}
    with pytest.raises(TermsNotAccepted, match="CC BY-NC-SA"):
        finish(library.download(SIWIS))
    assert library.card("vits/is_IS-bui-medium").terms.restricted
    assert not library.card(ANNA).terms.restricted


def test_a_voice_without_a_card_is_restricted(library: Library, server: FakeHub) -> None:
    files = server.repos[REPOSITORY]
    del files[f"{folder_of('de_DE-anna-low')}/MODEL_CARD"]
    assert library.card(ANNA).terms.restricted


def test_a_download_is_held_to_its_sums_and_is_a_model_like_any_other(
    library: Library, server: FakeHub, folder: Path
) -> None:
    finish(library.download(ANNA))
    place = folder / "vits" / "de_DE-anna-low"
    assert sorted(path.name for path in place.iterdir()) == [
        "MODEL_CARD",
        "de_DE-anna-low.onnx",
        "de_DE-anna-low.onnx.json",
    ]
    assert (place / "de_DE-anna-low.onnx").read_bytes() == VOICE.read_bytes()
    learned = json.loads((folder / ".ledger.json").read_text())["files"]
    sums = {key.rpartition("/")[2]: entry["sha256"] for key, entry in learned.items()}
    assert sums["de_DE-anna-low.onnx"] == hashlib.sha256(VOICE.read_bytes()).hexdigest()
    server.close()
    offline = Library((SPEC,), folder, Hub(offline=True, ledger=folder / ".ledger.json"))
    card = offline.card(ANNA)
    assert (card.state, card.terms.name, card.own, card.removable) == ("ready", "CC BY 4.0", False, True)
    assert "de_DE-anna-low" in offline.installed("vits")
    assert finish(offline.verify(ANNA)) == ()
    (place / "MODEL_CARD").write_bytes(b"x")
    assert finish(offline.verify(ANNA)) == ("MODEL_CARD",)
    offline.delete(ANNA)
    assert not place.exists()
    assert ANNA not in [each.id for each in offline.cards()]


def test_a_wrong_sum_leaves_nothing_that_looks_like_a_voice(library: Library, server: FakeHub, folder: Path) -> None:
    library.card(ANNA)
    files = server.repos[REPOSITORY]
    weights = f"{folder_of('de_DE-anna-low')}/de_DE-anna-low.onnx"
    files[weights] = VOICE.read_bytes()[:-1] + b"\0"
    with pytest.raises(Corrupt, match="hash"):
        finish(library.download(ANNA))
    left = {path.name for path in (folder / "vits" / "de_DE-anna-low").iterdir()}
    assert left == {"MODEL_CARD", "de_DE-anna-low.onnx.json"}
    assert library.card(ANNA).state == "partly here"
    files[weights] = VOICE.read_bytes()
    finish(library.download(ANNA))
    assert library.card(ANNA).state == "ready"


def test_a_size_that_lies_is_refused_and_leaves_no_folder(server: FakeHub, folder: Path) -> None:
    files = server.repos[REPOSITORY]
    index = json.loads(files["voices.json"])
    for facts in index["de_DE-anna-low"]["files"].values():
        facts["size_bytes"] += 1
    files["voices.json"] = json.dumps(index).encode()
    library = Library((SPEC,), folder, Hub(endpoints=[server.url], patience=PATIENT))
    with pytest.raises(Corrupt, match="published"):
        finish(library.download(ANNA))
    assert not (folder / "vits" / "de_DE-anna-low").exists()


def test_a_list_that_never_ends_is_refused_and_nothing_of_it_is_kept(server: FakeHub, folder: Path) -> None:
    server.repos[REPOSITORY]["voices.json"] = b"[" + b"0," * (25 << 20)
    library = Library((SPEC,), folder, Hub(endpoints=[server.url], patience=PATIENT))
    began = time.monotonic()
    with pytest.raises(DownloadError, match="more than"):
        names(library)
    assert time.monotonic() - began < PATIENCE_S
    assert not (folder / FOLDER).exists()
    server.repos[REPOSITORY]["voices.json"] = b"<html></html>"
    with pytest.raises(Corrupt):
        names(Library((SPEC,), folder, Hub(endpoints=[server.url], patience=PATIENT)))
    assert not (folder / FOLDER).exists()


def test_without_a_network_what_was_fetched_is_searched_and_else_a_line_says_what_to_do(
    library: Library, server: FakeHub, folder: Path
) -> None:
    offline = Library((SPEC,), folder, Hub(offline=True))
    with pytest.raises(Offline, match="go online"):
        names(offline)
    names(library)
    server.close()
    assert names(Library((SPEC,), folder, Hub(offline=True)), "anna") == ["de_DE-anna-low"]
    with pytest.raises(Offline):  # its licence was not asked for before
        Library((SPEC,), folder, Hub(offline=True)).card(ANNA)


def test_a_model_that_is_not_here_is_named_without_asking_anybody(library: Library, server: FakeHub) -> None:
    for named in (ANNA, "de_DE-anna-low"):
        with pytest.raises(WeightsMissing, match=f"models download {ANNA}"):
            library.checkpoint("vits", named)
    with pytest.raises(WeightsMissing, match="no model"):
        library.card("vits/nothing-like-it")
    assert server.log == []
    with pytest.raises(WeightsMissing, match="no model"):
        library.card("vits/de_DE-nobody-low")


def test_a_sample_is_found_beside_the_voice_and_is_sound(library: Library, server: FakeHub) -> None:
    anna, joe = (library.catalogues.find(SPEC, name) for name in ("de_DE-anna-low", "en_US-joe-medium"))
    assert library.catalogues.sample(anna) == (sample(), "audio/mpeg")
    assert library.catalogues.samples(joe) == ()
    with pytest.raises(NotFound):
        library.catalogues.sample(joe)
    folder = folder_of("en_US-joe-medium")
    server.repos[REPOSITORY][f"{folder}/samples/speaker_0.mp3"] = b"<html><script>"
    fresh = Catalogues((SPEC,), Documents(None, Hub(endpoints=[server.url], patience=PATIENT)))
    with pytest.raises(Corrupt, match="no sound"):
        fresh.sample(joe)


def test_a_search_through_thousands_takes_little(folder: Path) -> None:
    entries = tuple(
        Entry(name=f"voice-{number}", title=f"Voice {number}", language="de", spoken=("German",), repo="a/b", files=())
        for number in range(20_000)
    )
    catalogue = dataclasses.replace(SPEC.catalogues[0], index="", read=lambda _: entries)
    catalogues = Catalogues((dataclasses.replace(SPEC, catalogues=(catalogue,)),), Documents(folder, None))
    assert catalogues.search(Wanted(query="german"), 30).total == 20_000

    def search() -> float:
        began = time.perf_counter()
        assert catalogues.search(Wanted(query="a b c d e f g h german voice " * 1000), 30).total == 0
        return time.perf_counter() - began

    within(2, search)
