"""The reference's results end to end, by the way that every request takes: from the files, under ``compat``, ``raw``.

What the network and the vocoder give on the way is compared as well: codes exactly, hidden states and samples within
their tolerances.
"""

from dataclasses import dataclass, field

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from engine.engine import Engine
from engine.events import AudioChunk, Rewritten
from engine.options import parse
from engine.request import SynthesisRequest, VoicePrompt
from engine.systems.chattts import SPEC, speaking, voices
from engine.systems.chattts.options import Options
from tests.releases import CHATTTS

pytestmark = pytest.mark.usefixtures("one_thread")
TOLERANCE = 1e-5
# Silence up to this is dropped by the reference, and rounding decides on which side a sample falls.
MISSING = 3


@dataclass
class Recorded:
    """The events of one request; of each generation the last result, and of each decoding the sound."""

    events: list = field(default_factory=list)
    generated: list = field(default_factory=list)
    decoded: list = field(default_factory=list)

    @property
    def chunks(self):
        return [event.samples for event in self.events if isinstance(event, AudioChunk)]

    @property
    def waves(self):
        """The sound of each text."""
        found = [event for event in self.events if isinstance(event, AudioChunk)]
        return [
            np.concatenate([chunk.samples for chunk in found if chunk.segment == index])
            for index in range(found[-1].segment + 1)
        ]


@pytest.fixture(scope="module")
def engine():
    return Engine((SPEC,), device="cpu", dtype="float32")


@pytest.fixture(scope="module")
def cases(golden_json):
    return golden_json("e2e_cases")["cases"]


@pytest.fixture
def speak(engine, checkpoint, cases, monkeypatch):
    recorded = Recorded()
    generate, render = speaking.generate, speaking.Speaking.rendered

    def generating(*arguments, **named):
        recorded.generated.append(None)
        for recorded.generated[-1] in generate(*arguments, **named):
            yield recorded.generated[-1]

    def rendering(self, frames):
        wave = yield from render(self, frames)
        recorded.decoded.append(wave)
        return wave

    monkeypatch.setattr(speaking, "generate", generating)
    monkeypatch.setattr(speaking.Speaking, "rendered", rendering)

    def run(text, *, seed=1, prompt=None, **options):
        options = parse(Options, {"compat": True, "homophones": False, **options})
        voice = "" if prompt else cases["e2e_batch"]["code"]["spk_emb"]
        request = SynthesisRequest(
            system="chattts", text=text, options=options, voice=voice, prompt=prompt, seed=seed, checkpoint=checkpoint,
            raw=True,
        )  # fmt: skip
        recorded.events = list(engine.synthesize(request))
        return recorded

    return run


def assert_sounds_equal(ours, theirs):
    """Equal but for samples so quiet that rounding decides whether they were dropped."""
    ours, theirs = ours.tolist(), theirs.tolist()
    skipped = 0
    while ours and theirs:
        if abs(ours[-1] - theirs[-1]) <= TOLERANCE:
            ours.pop()
            theirs.pop()
            continue
        skipped += 1
        longer = ours if abs(ours[-1]) < abs(theirs[-1]) else theirs
        assert abs(longer.pop()) < 2 * TOLERANCE
    assert skipped + len(ours) + len(theirs) <= MISSING


def assert_generated(result, *codes):
    for row, published in enumerate(codes):
        assert torch.equal(result.ids(row), published)
    assert len(result.lengths) == len(codes)


def test_greedy(speak, golden, cases):
    published = golden("e2e_greedy")
    recorded = speak(cases["e2e_greedy"]["text"], seed=3, split_text=False, temperature=1e-5, max_new_tokens=24)
    assert_generated(recorded.generated[0], published["codes_0"])
    assert_sounds_equal(recorded.waves[0], published["wav_0"])


def test_a_batch(speak, golden, cases):
    published = golden("e2e_batch")
    recorded = speak("\n---\n".join(cases["e2e_batch"]["texts"]), split_text=False, max_new_tokens=64)
    (result,) = recorded.generated
    assert_generated(result, *(published[f"codes_{row}"] for row in range(3)))
    assert_close(torch.stack(recorded.decoded), published["wavs_raw"], atol=TOLERANCE, rtol=0)
    for row, wave in enumerate(recorded.waves):
        assert_close(result.hidden(row), published[f"hidden_{row}"], atol=2e-5, rtol=0)
        assert_sounds_equal(wave, published[f"wav_{row}"])
    assert len(recorded.waves) == 3


def test_refining(speak, golden, cases):
    published = golden("e2e_refine")
    recorded = speak(
        "\n---\n".join(cases["e2e_refine"]["texts"]), split_text=False, refine=True, oral=2, laugh=0,
        refine_max_new_tokens=16, refine_seed=11, max_new_tokens=24, **{"break": 6},
    )  # fmt: skip
    with np.load(CHATTTS / "e2e_refine.npz") as texts:
        written = texts["refined_text"].tolist()
    (rewritten,) = (event for event in recorded.events if isinstance(event, Rewritten))
    assert rewritten == Rewritten(text="\n---\n".join(written), options={"refine": False})
    assert_generated(recorded.generated[0], *(published[f"refine_ids_{row}"].unsqueeze(1) for row in range(2)))
    assert_generated(recorded.generated[1], *(published[f"codes_{row}"] for row in range(2)))
    for row, wave in enumerate(recorded.waves):
        assert_sounds_equal(wave, published[f"wav_{row}"])


def test_a_prompt_of_the_users_own_refines_as_the_levels_do(speak, golden, cases):
    published = golden("e2e_refine")
    recorded = speak(
        "\n---\n".join(cases["e2e_refine"]["texts"]), split_text=False, refine=True, oral=9, refine_seed=11,
        refine_prompt=cases["e2e_refine"]["refine"]["prompt"], refine_max_new_tokens=16, max_new_tokens=1,
    )  # fmt: skip
    assert_generated(recorded.generated[0], *(published[f"refine_ids_{row}"].unsqueeze(1) for row in range(2)))


def test_a_split_text_with_its_first_sentence_as_prompt(speak, golden, cases):
    published = golden("e2e_split")
    recorded = speak(cases["e2e_split"]["text"], max_split_batch=2, max_new_tokens=20)
    assert_generated(recorded.generated[0], published["call0_codes_0"])
    for call in (1, 2):
        assert_generated(recorded.generated[call], *(published[f"call{call}_codes_{row}"] for row in range(2)))
    for call, rows in enumerate((slice(0, 1), slice(1, 3), slice(3, 5))):
        raw = torch.stack(recorded.decoded[rows])
        assert_close(raw, published[f"call{call}_wavs_raw"], atol=TOLERANCE, rtol=0)
    assert len(recorded.waves) == 4
    assert_sounds_equal(np.concatenate(recorded.waves), published["wav"])


def test_the_sample_made_of_the_first_sentence(speak, cases, networks):
    first, _, _ = cases["e2e_split"]["text"].partition("。")
    recorded = speak(first + "。", split_text=False, max_new_tokens=20)
    with np.load(CHATTTS / "e2e_split.npz") as published:
        assert first + "。" == str(published["txt_smp"])
        codes = networks.dvae.encode(recorded.decoded[0])
        assert voices.encode_codes(codes.numpy()) == str(published["spk_smp"])


def test_streaming_by_the_published_schedule(speak, golden, cases):
    published = golden("e2e_stream")
    recorded = speak(
        cases["e2e_stream"]["text"], split_text=False, stream=True, max_new_tokens=50, stream_batch=8,
        stream_speed=3500, pass_first_n_batches=2, repetition_penalty=1.2,
    )  # fmt: skip
    lengths = [len(chunk) for chunk in recorded.chunks]
    assert len(lengths) == len(published["chunk_lengths"])
    assert lengths[:-1] == published["chunk_lengths"][:-1].tolist()
    tokens = [(len(raw) // 256 + 1) // 2 for raw in recorded.decoded]
    assert tokens == published["yield_token_counts"].tolist()
    assert_close(recorded.decoded[-1][None], published["full_last_decode"], atol=TOLERANCE, rtol=0)
    assert_sounds_equal(recorded.waves[0], published["wav"][0])


@pytest.mark.parametrize(("every", "lengths"), [(7, [900, 900, 1528]), (4, [900, 2428]), (8, [3327])])
def test_the_end_of_the_published_schedule_comes_thrice_after_a_whole_look(speak, cases, every, lengths):
    recorded = speak(
        cases["e2e_greedy"]["text"], seed=3, split_text=False, stream=True, temperature=1e-5, max_new_tokens=24,
        stream_batch=every, stream_speed=900, pass_first_n_batches=1,
    )  # fmt: skip
    chunks = [len(chunk) for chunk in recorded.chunks]
    assert chunks[:-1] == lengths[:-1]
    assert abs(chunks[-1] - lengths[-1]) <= MISSING


def test_a_recording_lends_its_voice(speak, golden, cases, networks):
    published, transcript = golden("e2e_zero_shot"), cases["e2e_zero_shot"]["code"]["txt_smp"]
    prompt = VoicePrompt(samples=published["wav_in"].numpy(), sample_rate=24_000, transcript=transcript)
    with np.load(CHATTTS / "e2e_zero_shot.npz") as texts:
        assert voices.encode_codes(networks.dvae.encode(published["wav_in"]).numpy()) == str(texts["spk_smp"])
    recorded = speak(cases["e2e_zero_shot"]["text"], prompt=prompt, split_text=False, max_new_tokens=24)
    assert_generated(recorded.generated[0], published["codes_0"])
    assert_sounds_equal(recorded.waves[0], published["wav_0"])


def test_sound_from_codes(speak, golden, cases):
    published = golden("e2e_dvae")
    recorded = speak(cases["e2e_dvae"]["text"], split_text=False, use_decoder=False, max_new_tokens=24)
    assert_generated(recorded.generated[0], published["codes_0"])
    assert_sounds_equal(recorded.waves[0], published["wav_0"])
