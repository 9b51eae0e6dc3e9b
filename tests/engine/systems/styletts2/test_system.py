"""The whole system on the reduced checkpoints: the reference's results end to end, and what is better than it."""

from functools import cache

import numpy as np
import pytest
import torch

from engine import voice_store
from engine.audio.decode import read
from engine.errors import TextError, VoiceError
from engine.events import AudioChunk, Notice
from engine.options import parse
from engine.request import VoicePrompt
from engine.steps import finish
from engine.systems.styletts2 import SPEC, voices
from engine.systems.styletts2.options import Options
from engine.systems.styletts2.speaking import END_FRAMES, Speaking
from engine.systems.styletts2.system import MAX_PHONEMES, load
from tests.engine.systems.styletts2.test_end_to_end import FROM_IDS, LIBRI, LJ, relative
from tests.releases import STYLETTS2_GOLDENS as GOLDENS

CUT = {LJ: 0, LIBRI: 50}


@pytest.fixture(scope="session")
def systems(checkpoint):
    return cache(lambda name: finish(load(checkpoint(name), torch.device("cpu"), torch.float32)))


@pytest.fixture(scope="session")
def recording():
    samples = read(GOLDENS / "ref_24k.wav", sample_rate=24_000)
    return VoicePrompt(samples=samples, sample_rate=24_000)


@pytest.fixture
def voice(systems, recording):
    return lambda name: systems(name).voice("") if name == LJ else systems(name).encode_voice(recording)


def events(system, text, voice, seed=1, **options):
    chosen = parse(Options, options)
    segments = system.segment(text, "en", chosen)
    return list(system.synthesize(segments, voice, chosen, torch.Generator().manual_seed(seed)))


def chunks(found):
    return [event for event in found if isinstance(event, AudioChunk)]


def notices(found):
    return [event.message for event in found if isinstance(event, Notice)]


def sound(found):
    return np.concatenate([chunk.samples for chunk in chunks(found)])


@pytest.mark.parametrize("name", [LJ, LIBRI])
def test_a_seeded_text_under_compat_is_the_published_sound(systems, voice, golden, golden_json, name):
    case = golden_json(f"{name}_cases")["seeded"]
    ours = sound(events(systems(name), case["text"], voice(name), seed=case["torch_manual_seed"], compat=True))
    assert len(ours) == case["samples"] - CUT[name]
    theirs = golden(f"{name}_seeded")["wav"].flatten()[: len(ours)]
    assert relative(torch.from_numpy(ours), theirs) < FROM_IDS[name]


@pytest.mark.parametrize("name", [LJ, LIBRI])
def test_a_long_form_carries_its_style_as_published(systems, golden, golden_json, name):
    system, cases = systems(name), golden_json(f"{name}_cases")
    options = Options(compat=True, diffusion_steps=10, embedding_scale=1.5, beta=0.9)
    first = golden(f"{name}_longform1")
    speaking = Speaking(system.model, options, reference=first.get("ref_s"), long_form=True)
    for case in ("longform1", "longform2"):
        rng = torch.Generator().manual_seed(cases[case]["torch_manual_seed"])
        values = golden(f"{name}_{case}")
        samples = finish(speaking.speak(values["tokens"].flatten().tolist(), rng))
        assert len(samples) == cases[case]["samples"] - 2 * CUT[name]
        torch.testing.assert_close(speaking.previous, values["s_pred"], rtol=0, atol=1e-4)


def test_under_compat_several_sentences_are_the_long_form_and_one_is_not(systems):
    system = systems(LJ)
    cut = [segment.text for segment in system.segment("One. Two, 3.5 . ", "en", Options(compat=True))]
    assert cut == ["One.", " Two, 3.", "5 ."]
    assert [segment.text for segment in system.segment("No stop", "en", Options(compat=True))] == ["No stop"]
    alone, first = (sound(events(system, text, system.voice(""), compat=True)) for text in ("Hi.", "Hi. Hi."))
    assert len(alone) > 600 * END_FRAMES
    assert len(chunks(events(system, "Hi. Hi.", system.voice(""), compat=True))[0].samples) == len(alone) - 3000
    assert len(first) > len(alone)


@pytest.fixture
def played(monkeypatch):
    """What the decoder of a system is given, (score, style), as it is given."""

    def watch(system):
        found, play = [], system.model.playing

        def playing(score, style, noise):
            found.append((score, style))
            return play(score, style, noise)

        monkeypatch.setattr(system.model, "playing", playing)
        return found

    return watch


TWO = "The first sentence is long enough to stand alone, is it not? And the second one is just as long as that."


@pytest.mark.parametrize("name", [LJ, LIBRI])
def test_equal_seeds_sound_equal_and_others_do_not(systems, voice, name):
    say = lambda seed: sound(events(systems(name), "Hello.", voice(name), seed=seed))  # noqa: E731
    first = say(3)
    assert np.array_equal(first, say(3))
    assert len(first) != len(say(4)) or not np.allclose(first, say(4))


def test_the_first_sentence_leaves_before_the_second_is_begun(systems, played):
    system = systems(LJ)
    found = played(system)
    options = Options()
    segments = system.segment(TWO, "en", options)
    assert len(segments) == 2
    work = system.synthesize(segments, system.voice(""), options, torch.Generator().manual_seed(1))
    chunk = next(event for event in work if isinstance(event, AudioChunk))
    assert (chunk.segment, len(found)) == (0, 1)
    work.close()
    assert len(found) == 1


def test_a_text_can_be_stopped_many_times_within_a_sentence(systems):
    system = systems(LJ)
    found = events(system, "Hello there, my friend.", system.voice(""), diffusion_steps=5)
    at = next(index for index, event in enumerate(found) if isinstance(event, AudioChunk))
    assert at > 40


def test_without_alpha_and_beta_nothing_is_sampled_but_the_same_noise_is_drawn(systems, voice, monkeypatch):
    system, own = systems(LIBRI), voice(LIBRI)
    near = sound(events(system, "Hello.", own, alpha=1e-7, beta=1e-7))
    monkeypatch.setattr(system.model.diffusion, "sampling", None)
    exact = sound(events(system, "Hello.", own, alpha=0, beta=0))
    assert relative(torch.from_numpy(exact), torch.from_numpy(near)) < 0.03


def test_each_control_does_what_it_says(systems, played):
    system = systems(LJ)
    found = played(system)
    plain = sound(events(system, "Hello, world.", system.voice("")))
    fast = sound(events(system, "Hello, world.", system.voice(""), speed=2))
    assert 0.4 < len(fast) / len(plain) < 0.65
    events(system, "Hello, world.", system.voice(""), f0_shift=12, energy_scale=2)
    (before, _), _, (after, _) = found
    torch.testing.assert_close(after.pitch, 2 * before.pitch)
    torch.testing.assert_close(after.energy, before.energy + np.log(2).item())


def test_the_style_is_carried_as_far_as_asked(systems, played):
    system = systems(LJ)
    found = played(system)
    for carry in (1, 0):
        events(system, TWO, system.voice(""), style_carry=carry)
    (_, first), (_, same), (_, again), (_, another) = found
    assert torch.equal(first, same)
    assert torch.equal(first, again)
    assert not torch.allclose(again, another, atol=1e-3)


@pytest.mark.parametrize("name", [LJ, LIBRI])
def test_a_style_text_sets_the_mood_and_the_reference_does_not_hear_it(systems, voice, played, name):
    system, own = systems(name), voice(name)
    found = played(system)
    events(system, "Hello, world.", own)
    events(system, "Hello, world.", own, style_text="How dare you!")
    told = events(system, "Hello, world.", own, style_text="How dare you!", compat=True)
    events(system, "Hello, world.", own, compat=True)
    (_, plain), (_, angry), (_, deaf), (_, published) = found
    assert not torch.allclose(plain, angry, atol=1e-3)
    assert torch.equal(deaf, published)
    assert any("compat" in message for message in notices(told))
    with pytest.raises(TextError, match="style_text"):
        events(system, "Hello.", own, style_text="--")


def test_a_word_or_two_are_spoken_without_guidance(systems, played):
    system = systems(LJ)
    found = played(system)
    for scale in (1, 3):
        events(system, "Hi.", system.voice(""), embedding_scale=scale)
    (_, plain), (_, guided) = found
    assert torch.equal(plain, guided)


# -- voices --


def test_voices_are_drawn_shared_blended_and_kept(systems, tmp_path):
    system = systems(LJ)
    first, again, other = (system.voice(name) for name in ("seed:1", "SEED: 1", "seed:2"))
    assert np.array_equal(first.tensors["style"], again.tensors["style"])
    mixed = SPEC.blend([(first, 3.0), (other, 1.0)])
    expected = 0.75 * first.tensors["style"] + 0.25 * other.tensors["style"]
    np.testing.assert_allclose(mixed.tensors["style"], expected, atol=1e-6)
    assert mixed.name == "seed:1 75% + seed:2 25%"
    shared = system.voice(SPEC.voice_string(mixed))
    assert np.array_equal(shared.tensors["style"], mixed.tensors["style"])
    voice_store.save(mixed, tmp_path / "mixed.safetensors")
    kept = voice_store.load(tmp_path / "mixed.safetensors")
    one, two = (sound(events(system, "Hello.", voice, alpha=0, beta=0)) for voice in (mixed, kept))
    assert np.array_equal(one, two)
    assert SPEC.voice_string(system.voice("")) == ""


def test_a_voice_of_its_own_is_left_as_far_as_alpha_and_beta_say(systems, played):
    system = systems(LJ)
    found = played(system)
    own = system.voice("seed:1")
    for alpha, beta in ((0, 0), (0, 1), (1, 1)):
        events(system, "Hello, world.", own, alpha=alpha, beta=beta)
    events(system, "Hello, world.", system.voice(""))
    style = torch.from_numpy(own.tensors["style"])
    half = len(style) // 2
    (_, kept), (_, moody), (_, free), (_, sampled) = found
    assert torch.equal(kept[0], style)
    torch.testing.assert_close(moody[0, :half], style[:half])
    torch.testing.assert_close(moody[0, half:], sampled[0, half:])
    torch.testing.assert_close(free, sampled)


def test_the_style_of_a_recording_is_the_published_one(voice, golden):
    style = torch.from_numpy(voice(LIBRI).tensors["style"])
    torch.testing.assert_close(style, golden(f"{LIBRI}_inject")["ref_s"][0], rtol=0, atol=1e-4)


def test_references_of_any_length_and_rate_are_bounded(systems, recording):
    system, rate = systems(LIBRI), 24_000
    of = lambda samples, at=rate: system.encode_voice(VoicePrompt(samples=samples, sample_rate=at))  # noqa: E731
    hour = np.tile(recording.samples, 3600 * rate // len(recording.samples) + 1)[: 3600 * rate]
    assert np.array_equal(of(hour).tensors["style"], of(hour[: 30 * rate]).tensors["style"])
    assert np.isfinite(of(recording.samples[5000 : 5000 + rate]).tensors["style"]).all()
    assert np.isfinite(of(recording.samples[5000 : 5000 + rate // 2]).tensors["style"]).all()
    assert np.isfinite(of(recording.samples, 48_000).tensors["style"]).all()
    with pytest.raises(VoiceError, match="silent"):
        of(np.zeros(rate, np.float32))
    with pytest.raises(VoiceError, match=r"0\.10 s of sound"):
        of(recording.samples[5000:7400])
    with pytest.raises(VoiceError, match="finite"):
        of(np.full(rate, np.nan, np.float32))


def test_a_model_speaks_only_in_voices_of_its_kind(systems, voice):
    with pytest.raises(VoiceError, match="model of many speakers"):
        events(systems(LJ), "Hello.", voice(LIBRI))
    small = voices.voice_of(np.zeros(16), "small", multispeaker=False)
    with pytest.raises(VoiceError, match="16 values; this model needs 32"):
        events(systems(LJ), "Hello.", small)
    with pytest.raises(VoiceError, match="needs one"):
        events(systems(LIBRI), "Hello.", systems(LJ).voice(""))


@pytest.mark.parametrize(
    ("name", "asked", "words"),
    [
        (LJ, "Ada", "there is no voice 'Ada'"),
        (LJ, "style:AAAA", "damaged"),
        (LJ, "style:####", "damaged"),
        (LIBRI, "", "the voice of a recording"),
        (LIBRI, "seed:1", "give your own"),
        (LIBRI, "Ada", "there is no voice 'Ada'"),
    ],
)
def test_a_voice_that_is_not_there_is_told_in_one_line(systems, name, asked, words):
    with pytest.raises(VoiceError, match=words):
        systems(name).voice(asked)


def test_a_model_of_one_speaker_takes_no_recording(systems, recording):
    with pytest.raises(VoiceError, match="one speaker"):
        systems(LJ).encode_voice(recording)


# -- texts --


def test_a_long_sentence_is_spoken_in_pieces_that_the_model_can_read(systems):
    system = systems(LJ)
    numbers = "one thousand two hundred thirty-four and " * 6
    segments = system.segment(f"{numbers}. {'x' * 600} " + "word " * 400, "en", Options())
    pieces = [piece for segment in segments for piece in system._pieces(segment, Options(), long_form=False)]
    assert max(len(piece.ids) for piece in pieces) <= MAX_PHONEMES + 1
    assert sum(len(piece.ids) for piece in pieces) > 3000


def test_what_the_model_cannot_say_is_told_or_refused(systems):
    system = systems(LJ)
    found = events(system, "hə§lˈoʊ", system.voice(""), cleaned=True)
    assert notices(found) == ["left out, because the model has no symbol for it: '§'"]
    assert len(chunks(found)) == 1
    with pytest.raises(TextError, match="nothing in this text"):
        events(system, "§§ ..", system.voice(""), cleaned=True)
    with pytest.raises(TextError, match="empty"):
        events(system, "  ", system.voice(""))
    with pytest.raises(TextError, match="no sound"):
        events(system, "''", system.voice(""), compat=True)
    with pytest.raises(TextError, match="the model reads 512"):
        events(system, "word " * 200, system.voice(""), compat=True)
    with pytest.raises(TextError, match="at most 10,000"):
        events(system, "word " * 3000, system.voice(""), compat=True)
