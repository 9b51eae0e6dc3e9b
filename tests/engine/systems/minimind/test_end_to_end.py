"""Text to sound through what a training leaves, against the reference's layers: every id, code and sample."""

import dataclasses

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from engine.events import AudioChunk
from engine.request import VoicePrompt
from engine.steps import finish
from engine.systems.minimind.options import Options
from engine.systems.minimind.system import load
from tests.minimind import arrays, checkpoint, stored

CASES = stored("e2e_cases")
EXACT = Options(compat=True, max_new_tokens=CASES["max_new_tokens"])


@pytest.fixture(scope="module", params=["lightning", "port"])
def system(request, tmp_path_factory):
    folder = checkpoint(tmp_path_factory.mktemp("minimind"), port=request.param == "port")
    return finish(load(folder, torch.device("cpu"), torch.float32))


def options(case, base=EXACT):
    drawn = {key: case[key] for key in ("temperature", "top_k") if key in case} or {"temperature": 0.0}
    return dataclasses.replace(base, normalize=case.get("normalise", True), **drawn)


def voice(system, case):
    if not case.get("prompt"):
        return system.voice("")
    prompt = VoicePrompt(
        samples=arrays("e2e")["prompt_wav"].numpy(), sample_rate=24_000, transcript=case["prompt_text"]
    )
    return system.encode_voice(prompt)


def spoken(system, case, chosen):
    segments = system.segment(case["text"], "", chosen)
    rng = torch.Generator().manual_seed(case.get("seed", 0))
    events = list(system.synthesize(segments, voice(system, case), chosen, rng))
    return torch.from_numpy(np.concatenate([each.samples for each in events if isinstance(each, AudioChunk)]))


def test_a_recording_becomes_the_references_codes(system):
    found = voice(system, CASES["cases"][3])
    assert np.array_equal(found.tensors["codes"][0], arrays("e2e")["prompt_codes"].numpy())


@pytest.mark.parametrize("number", range(len(CASES["cases"])))
def test_text_becomes_the_references_ids(system, number):
    case = CASES["cases"][number]
    chosen = options(case)
    (said,) = system.front_end.read(system.segment(case["text"], "", chosen), chosen)
    before = system.front_end.transcript(case.get("prompt_text", ""), chosen)
    assert [*before, *said.ids] == arrays("e2e")[f"{number}_text_ids"].tolist()


@pytest.mark.parametrize("number", range(len(CASES["cases"])))
def test_text_becomes_the_references_sound(system, number):
    case = CASES["cases"][number]
    assert_close(spoken(system, case, options(case)), arrays("e2e")[f"{number}_wav"], atol=2e-6, rtol=0)


@pytest.mark.parametrize("number", [3, 4])
def test_ours_hears_the_voice_before_it_goes_on(system, number):
    case = CASES["cases"][number]
    chosen = options(case, Options(max_new_tokens=EXACT.max_new_tokens, repetition_guard=False))
    expected = arrays("e2e")[f"{number}_wav_with_prompt_context"]
    assert_close(spoken(system, case, chosen), expected, atol=2e-6, rtol=0)


def test_what_is_said_depends_on_the_text(system):
    """The released generation never runs its layers: of any two texts it says the same."""
    stuck = stored("reference_generate_asis")
    one, other = (text for text in stuck if text != "what")
    assert stuck[one] == stuck[other]
    chosen = dataclasses.replace(EXACT, max_new_tokens=12, temperature=0.8, top_k=5)
    ours = [spoken(system, {"text": text, "seed": 1337}, chosen) for text in (one, other)]
    never = system.networks.codec.decode(torch.tensor([stuck[one]]))[0]
    assert not any(torch.equal(*pair) for pair in ((ours[0], ours[1]), (ours[0], never), (ours[1], never)))
