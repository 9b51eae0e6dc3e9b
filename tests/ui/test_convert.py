"""A visitor in a real Chromium converts a recording to another speaker, hears it, and has it as a file."""

import dataclasses
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Locator, Page, expect

from engine.errors import VoiceError
from engine.system import SystemSpec
from tests.conftest import FAKE_PITCHES
from tests.server.test_conversion_routes import TONE, converting, refuse
from tests.server.test_recording_routes import wav
from tests.ui.test_clone import button, open_tab
from ui.app import Studio

pytestmark = pytest.mark.browser


@pytest.fixture
def studio(serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], tmp_path: Path) -> Studio:
    specs = (converting(make_fake_spec()), converting(make_fake_spec("single"), refuse), make_fake_spec("other"))
    return serve_studio(*specs, models_dir=tmp_path / "models")


def tool(page: Page) -> Locator:
    return page.locator(".clone-convert")


def take(page: Page, data: bytes) -> None:
    files = [{"name": "Aunt Ann.wav", "mimeType": "audio/wav", "buffer": data}]
    tool(page).locator("input[type=file]").set_input_files(files)


def test_a_recording_becomes_another_speakers_and_a_file(page: Page, studio: Studio) -> None:
    open_tab(page, studio)
    expect(tool(page)).to_be_visible()
    expect(tool(page).get_by_label("Model")).to_be_hidden()
    assert tool(page).get_by_label("Who speaks in it").input_value() == "alto"
    assert tool(page).get_by_label("Who is to speak").input_value() == "bass"

    button(page, "Convert").click()
    expect(tool(page).get_by_role("status")).to_have_text("Record or choose a recording first.")

    take(page, wav(TONE))
    button(page, "Convert").click()
    expect(tool(page).get_by_label("The result")).to_be_visible()
    with page.expect_download() as downloading:
        tool(page).get_by_role("link", name="Download").click()
    assert downloading.value.suggested_filename == "Aunt Ann - bass.wav"
    samples, _ = soundfile.read(io.BytesIO(Path(downloading.value.path()).read_bytes()))
    assert np.count_nonzero(np.diff(np.signbit(samples))) / 4 == pytest.approx(FAKE_PITCHES["bass"], abs=2)

    tool(page).get_by_label("Who is to speak").select_option("alto")
    expect(tool(page).get_by_label("The result")).to_be_hidden()


def test_what_is_wrong_is_said_and_nothing_is_left_running(page: Page, studio: Studio) -> None:
    open_tab(page, studio)
    take(page, wav(0 * TONE))
    button(page, "Convert").click()
    expect(tool(page).get_by_role("status")).to_contain_text("silent")
    expect(button(page, "Convert")).to_be_enabled()


def test_without_a_model_that_can_there_is_no_such_tool(
    page: Page, serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec]
) -> None:
    def check(_checkpoint: Path) -> None:
        raise VoiceError("not this one")

    open_tab(page, serve_studio(dataclasses.replace(make_fake_spec(), check_conversion=check)))
    expect(page.locator("#studio-cloning")).to_be_visible()
    expect(tool(page)).to_be_hidden()
