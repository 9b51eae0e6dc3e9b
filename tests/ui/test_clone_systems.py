"""The Clone tab over VALL-E, VALL-E X and MiniMind-TTS in small: from a recording of speech to a voice that is kept."""

import importlib
import io
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Locator, Page, expect

from engine import Engine, registry, voice_store
from engine.text.ja import open_jtalk
from tests.minimind import checkpoint as minimind_checkpoint
from tests.ui.test_clone import CONSENT, button, card, finding, open_tab, take, transcript
from tests.valle import valle_checkpoint, vallex_checkpoint
from ui.app import Studio

pytestmark = pytest.mark.browser

SAID = "So it is, so it was, and so it goes on, hour after hour."
# What the reduced table of symbols has sounds for.
HEARD = "So it."


@pytest.fixture(scope="module")
def speech() -> bytes:
    """The bundled voice saying `SAID`, with a second of silence behind it."""
    said = Engine(device="cpu").say(SAID, voice="af_clara", seed=1)
    file = io.BytesIO()
    silence = np.zeros(said.sample_rate, np.float32)
    soundfile.write(file, np.concatenate([said.samples, silence]), said.sample_rate, format="FLAC")
    return file.getvalue()


def heard(page: Page, within: Locator) -> float:
    """How loud the sound of the take is that is to be downloaded there."""
    link = within.locator(".take .download.wav").first.evaluate("link => link.href")
    samples, rate = soundfile.read(io.BytesIO(page.request.get(link).body()))
    assert rate == 24_000
    return float(np.abs(samples).max())


@pytest.fixture
def studio(serve_studio: Callable[..., Studio], tmp_path: Path) -> Studio:
    """Three systems with a model each, VALL-E X in the place of its release; what they import is there before."""
    importlib.import_module("engine.systems.minimind.system")
    importlib.import_module("engine.systems.vallex.system")
    importlib.import_module("engine.systems.valle.system")
    models = tmp_path / "models"
    vallex_checkpoint(models / "vallex" / "vallex", encodec=True)
    (models / "valle" / "mine").mkdir(parents=True)
    valle_checkpoint(models / "valle" / "mine", encodec="transformers")
    minimind_checkpoint(models / "minimind" / "mine")
    specs = [spec for spec in registry.systems() if spec.id in ("minimind", "valle", "vallex")]
    return serve_studio(*specs, models_dir=models, device="cpu", models=3)


def test_a_recording_of_speech_is_heard_in_all_systems_saved_and_spoken_with(
    studio: Studio, page: Page, speech: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_tab(page, studio)
    take(page, speech, "Ada at home.flac")
    expect(finding(page, "silence")).to_have_attribute("data-grade", "fair")
    button(page, "Repair it").click()
    expect(finding(page, "silence")).to_have_attribute("data-grade", "good")
    transcript(page).fill(SAID)
    expect(finding(page, "transcript")).to_have_attribute("data-grade", "good")
    page.get_by_label(CONSENT).check()
    page.get_by_label("Text to hear").fill(HEARD)
    page.get_by_label("Text to hear").press("Control+Enter")
    for system in ("vallex", "valle", "minimind"):
        expect(card(page, system).locator(".take .download.wav")).to_be_visible()
        assert heard(page, card(page, system)) > 0.05
    card(page, "vallex").get_by_role("button", name="Save this voice").click()
    expect(card(page, "vallex").locator(".status.note")).to_have_text("The voice is saved. Ada at home")
    kept = voice_store.load(tmp_path / "models" / "voices" / "vallex" / "Ada at home.safetensors")
    assert kept.meta["transcript"] == SAID
    assert kept.tensors["codes"].shape[1] == 8
    assert 2 < len(kept.tensors["codes"]) / 75 < 10  # the silence behind it is gone
    card(page, "minimind").get_by_role("button", name="Save this voice").click()
    expect(card(page, "minimind").locator(".status.note")).to_have_text("The voice is saved. Ada at home")
    kept = voice_store.load(tmp_path / "models" / "voices" / "minimind" / "Ada at home.safetensors")
    assert kept.meta["transcript"] == SAID
    assert kept.tensors["codes"].shape[0] == 1
    card(page, "vallex").get_by_role("button", name="Use it on Speak").click()
    expect(page.locator(".studio-of-vallex .voice-panel .pills label.saved:has(:checked)")).to_have_text("Ada at home")
    page.locator("#studio-text textarea").fill("Go on.")
    page.click("#studio-generate")
    taken = page.locator("#studio-player")
    expect(taken.locator(".take .download.wav")).to_be_visible()
    expect(taken.locator(".take .chips").first).to_contain_text("Ada at home")
    assert heard(page, taken) > 0.05
    # What a language needs and is not installed is told by its name.
    monkeypatch.setitem(sys.modules, "pyopenjtalk", None)
    open_jtalk._library.cache_clear()
    page.locator("#studio-text textarea").fill("東京です。")
    page.click("#studio-generate")
    expect(page.get_by_text("needs the package pyopenjtalk").first).to_be_visible()
