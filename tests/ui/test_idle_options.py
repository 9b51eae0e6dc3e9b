"""What a voice, a model or another option makes idle is neither shown nor sent."""

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from engine import registry
from engine.options import slider, toggle
from engine.release import Merits
from engine.request import Voice
from engine.system import SystemSpec, Voicing
from tests.conftest import FakeOptions
from tests.releases import styletts2_checkpoint
from tests.ui.test_browser import generate, set_number, visit
from ui.app import Studio

pytestmark = pytest.mark.browser


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(FakeOptions):
    """One that needs a voice of a model's own, and a fold that needs a toggle."""

    ornate: bool = toggle(False, label="Ornate", help="On: trills.")
    trill: float = slider(0.5, 0.0, 1.0, step=0.1, help="Higher: more.", group="Trills", needs=("ornate",))
    choral: float = slider(0.5, 0.0, 1.0, step=0.1, help="Higher: more.", needs=("own",))
    tries: int = slider(1, 1, 8, step=1, help="Higher: more.")
    favour: float = slider(0.5, 0.0, 1.0, step=0.1, help="Higher: more.", needs=("tries > 1",))


def _traits(_checkpoint: Path, voice: Voice | None) -> frozenset[str]:
    return frozenset({"own"} if voice is None or not voice.tensors else ())


@pytest.fixture
def studio(serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], choirs: Path) -> Studio:
    (choirs / "fake" / "shards").unlink()

    def voicing_of(checkpoint: Path) -> Voicing:
        spec = make_fake_spec()
        return dataclasses.replace(spec.voicing, random=checkpoint.name != "choir")

    spec = dataclasses.replace(make_fake_spec(), options=Options, traits=_traits, voicing_of=voicing_of)
    return serve_studio(spec, models_dir=choirs)


def asked(page: Page) -> list[dict[str, Any]]:
    """The options of each request to speak, as they come."""
    found: list[dict[str, Any]] = []

    def note(request: Request) -> None:
        if request.url.endswith("/studio/speak"):
            found.append(json.loads(request.post_data or "")["options"])

    page.on("request", note)
    return found


def unfold(page: Page, fold: str) -> None:
    page.locator(".studio-of-fake .studio-more > button", has_text=fold).click()


def test_what_needs_a_toggle_comes_and_goes_with_it_and_with_its_fold(studio: Studio, page: Page) -> None:
    sent = asked(page)
    visit(page, studio.url)
    trills = page.locator(".studio-of-fake .studio-more > button", has_text="Trills")
    expect(trills).to_be_hidden()
    unfold(page, "Settings")
    page.get_by_label("Ornate").check()
    expect(trills).to_be_visible()
    unfold(page, "Trills")
    set_number(page, "Trill", "0.9")
    generate(page, "Hello.")
    page.wait_for_selector(".take .download.wav")
    page.get_by_label("Ornate").uncheck()
    expect(page.locator("#studio-fake-trill")).to_be_hidden()
    generate(page, "Again.")
    expect(page.locator(".take .download.wav")).to_have_count(2)
    assert (sent[0]["trill"], "trill" in sent[1]) == (0.9, False)
    page.locator(".take").nth(1).get_by_text("Use these settings").click()
    expect(page.locator("#studio-fake-trill")).to_be_visible()


def test_what_needs_more_of_another_comes_and_goes_with_its_number(studio: Studio, page: Page) -> None:
    visit(page, studio.url)
    unfold(page, "Settings")
    favour = page.locator("#studio-fake-favour")
    expect(favour).to_be_hidden()
    set_number(page, "Tries", "2")
    expect(favour).to_be_visible()
    set_number(page, "Tries", "1")
    expect(favour).to_be_hidden()


def test_what_needs_a_voice_comes_and_goes_with_it(studio: Studio, page: Page) -> None:
    sent = asked(page)
    visit(page, studio.url)
    unfold(page, "Settings")
    choral = page.locator("#studio-fake-choral")
    expect(choral).to_be_visible()
    page.get_by_role("button", name="Blend").click()
    page.get_by_role("button", name="Hear it").click()
    page.wait_for_selector(".take .download.wav")
    expect(choral).to_be_hidden()
    assert "choral" not in sent[0]
    page.get_by_label("bass").first.check()
    expect(choral).to_be_visible()


def test_ways_to_a_voice_that_a_model_does_not_have_are_not_offered(studio: Studio, page: Page) -> None:
    visit(page, studio.url)
    draw = page.get_by_role("button", name="Draw")
    draw.click()
    expect(page.locator(".voice-draw")).to_be_visible()
    page.get_by_role("radiogroup", name="Model").get_by_label("choir").check()
    expect(draw).to_be_hidden()
    expect(page.locator(".voice-draw")).to_be_hidden()
    expect(page.get_by_role("button", name="Blend")).to_be_visible()


def test_the_voice_that_ships_does_not_offer_the_rhythm_that_it_has_not(
    serve_studio: Callable[..., Studio], page: Page
) -> None:
    visit(page, serve_studio(registry.find("vits")).url)
    page.locator(".studio-of-vits .studio-more > button").first.click()
    expect(page.locator("#studio-vits-noise_scale")).to_contain_text("Liveliness")
    expect(page.locator("#studio-vits-noise_scale_w")).to_be_hidden()


def test_a_model_of_one_speaker_has_no_recording_to_leave(
    serve_studio: Callable[..., Studio], page: Page, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    styletts2_checkpoint(models / "styletts2" / "one", "e2e_tiny_lj", "Models/LJSpeech/epoch_2nd_00100.pth")
    visit(page, serve_studio(registry.find("styletts2"), models_dir=models).url)
    page.locator(".studio-of-styletts2 .studio-more > button", has_text="Style").click()
    expect(page.locator("#studio-styletts2-embedding_scale")).to_be_visible()
    expect(page.locator("#studio-styletts2-alpha")).to_be_hidden()
    expect(page.get_by_role("button", name="Recording")).to_be_hidden()
    page.get_by_role("button", name="Draw").click()  # a drawn voice has a style of its own
    expect(page.locator("#studio-styletts2-alpha")).to_be_visible()


def test_options_follow_what_a_model_recommends_until_they_are_set(
    serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], choirs: Path, page: Page
) -> None:
    (choirs / "fake" / "shards").unlink()
    own = {"choir": {"level": 0.3, "trill": 0.2}}
    spec = dataclasses.replace(
        make_fake_spec(), options=Options, defaults=lambda checkpoint: own.get(checkpoint.name, {})
    )
    sent = asked(page)
    visit(page, serve_studio(spec, models_dir=choirs).url)
    unfold(page, "Settings")
    page.get_by_label("Ornate").check()
    unfold(page, "Trills")
    set_number(page, "Trill", "0.9")
    level = page.locator("#studio-fake-level input[type=number]")
    expect(level).to_have_value("0.5")
    page.locator(".studio-of-fake").get_by_text("choir", exact=True).first.click()
    expect(level).to_have_value("0.3")
    generate(page, "Hello.")
    page.wait_for_selector(".take .download.wav")
    assert (sent[0]["level"], sent[0]["trill"]) == (0.3, 0.9)


def test_only_the_languages_that_the_model_speaks_are_offered(
    serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], choirs: Path, page: Page
) -> None:
    (choirs / "fake" / "shards").unlink()
    ships = dataclasses.replace(make_fake_spec(), bundled_merits={"en": Merits(naturalness=3, speed=4)})
    visit(page, serve_studio(ships, models_dir=choirs).url)
    field, models = page.locator("#studio-fake-language"), page.get_by_role("radiogroup", name="Model")
    expect(field).to_be_hidden()
    models.get_by_label("choir").check()
    expect(field).to_be_visible()
    field.locator("input[value=zh]").check()
    models.get_by_label("choir").press("ArrowUp")
    expect(field).to_be_hidden()
    with page.expect_request("**/studio/speak") as speaking:
        generate(page, "Hello.")
    assert speaking.value.post_data_json["language"] == "en"
