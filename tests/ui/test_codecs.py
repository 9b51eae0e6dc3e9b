"""A visitor in a real Chromium sends a sound through every codec that is here, and hears what comes back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from engine.system import SystemSpec
from tests.server.test_codec_routes import TONE
from tests.server.test_recording_routes import wav
from tests.ui.test_clone import open_tab
from tests.valle import encodec_file, vocos_folder
from tests.wavtokenizer import lightning_file
from ui.app import Studio

pytestmark = pytest.mark.browser

# The first codec brings packages with it, which a busy machine reads for a while.
LONG_MS = 180_000
TITLE = "Codecs: a sound, and what is left of it in codes"


@pytest.fixture
def models(tmp_path: Path) -> Path:
    models = tmp_path / "models"
    models.mkdir()
    return models


@pytest.fixture
def studio(serve_studio: Callable[..., Studio], fake_spec: SystemSpec, models: Path) -> Studio:
    return serve_studio(fake_spec, models_dir=models)


def corner(page: Page) -> Locator:
    return page.locator(".clone-codecs")


def trip(page: Page, title: str) -> Locator:
    return corner(page).get_by_role("region", name=title, exact=True)


def unfold(page: Page) -> None:
    corner(page).get_by_text(TITLE).click()


def test_a_sound_goes_through_every_codec(page: Page, studio: Studio, models: Path) -> None:
    open_tab(page, studio)
    unfold(page)
    expect(corner(page)).to_contain_text("There is no codec here yet.")
    expect(corner(page).get_by_role("button")).to_have_count(0)

    encodec_file(models)
    vocos_folder(models / "vocos")
    lightning_file(models, "codec40", name="small_600.ckpt")
    unfold(page)
    unfold(page)
    expect(corner(page)).to_contain_text("at most 30 seconds")
    expect(trip(page, "WavTokenizer")).to_contain_text("small_600")

    files = [{"name": "tone.wav", "mimeType": "audio/wav", "buffer": wav(TONE)}]
    corner(page).locator("input[type=file]").set_input_files(files)
    rates = {"EnCodec": "6 kbit/s, 600", "EnCodec, with Vocos": "6 kbit/s, 600", "WavTokenizer": "0.28 kbit/s, 40"}
    for title, rate in rates.items():
        expect(trip(page, title)).to_contain_text(f"{rate} codes a second", timeout=LONG_MS)
        for label in ("What went in", "What came back"):
            player = trip(page, title).get_by_label(label)
            expect(player).to_be_visible()
            page.wait_for_function("player => player.duration === 1", arg=player.element_handle())
        picture = trip(page, title).get_by_role("img")
        page.wait_for_function("picture => picture.naturalWidth === 640", arg=picture.element_handle())
    expect(corner(page).locator(".codec-said")).to_be_hidden()

    trip(page, "EnCodec").get_by_label("Bandwidth").select_option("1.5 kbit/s")
    expect(trip(page, "EnCodec")).to_contain_text("1.5 kbit/s, 150 codes a second", timeout=LONG_MS)
    expect(trip(page, "WavTokenizer")).to_contain_text("0.28 kbit/s")


def test_one_sound_at_a_time_and_none_behind_a_fold(page: Page, studio: Studio, models: Path) -> None:
    lightning_file(models, "codec40")
    open_tab(page, studio)
    unfold(page)
    expect(trip(page, "WavTokenizer")).to_be_visible()
    files = [{"name": "tone.wav", "mimeType": "audio/wav", "buffer": wav(TONE)}]
    corner(page).locator("input[type=file]").set_input_files(files)
    before, after = (trip(page, "WavTokenizer").get_by_label(label) for label in ("What went in", "What came back"))
    expect(before).to_be_visible(timeout=LONG_MS)
    # What is folded away has no role by which it could be found.
    first, second = before.element_handle(), after.element_handle()
    for player in (before, after):
        player.evaluate("player => { player.loop = true; return player.play(); }")
    playing = "players => players.map(({ paused }) => !paused)"
    page.wait_for_function("player => player.paused", arg=first)
    assert corner(page).locator("audio").evaluate_all(playing) == [False, True]
    unfold(page)
    page.wait_for_function("player => player.paused", arg=second)


def test_what_is_wrong_is_said(page: Page, studio: Studio, models: Path) -> None:
    lightning_file(models, "codec40")
    open_tab(page, studio)
    unfold(page)
    expect(trip(page, "WavTokenizer")).to_be_visible()
    files = [{"name": "tone.wav", "mimeType": "audio/wav", "buffer": b"no sound"}]
    corner(page).locator("input[type=file]").set_input_files(files)
    expect(corner(page).get_by_role("status")).to_contain_text("recording", timeout=LONG_MS)
