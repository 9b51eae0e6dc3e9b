"""The reference's own behaviour: its sound, its phonemes, and what it would fall over."""

import pytest
import torch

from engine.errors import TextError
from engine.steps import finish
from engine.systems.styletts2 import compat
from engine.systems.styletts2.options import Options
from engine.systems.styletts2.speaking import Speaking
from engine.systems.styletts2.text import encode, phonemize
from tests.engine.style_tts.closeness import FROM_IDS, LIBRI, LJ, relative
from tests.engine.systems.styletts2.spoken import chunks, events, sound
from tests.releases import styletts2_json

CUT = {LJ: 0, LIBRI: 50}
VECTORS = styletts2_json("frontend_vectors")
PATHS = {
    "lj": {"multispeaker": False},
    "libri": {"multispeaker": True},
    "libri_longform": {"multispeaker": True, "long_form": True},
}
# espeak-ng 1.52 no longer tells these two apart; the vectors are of 1.51.
OLD, NEW = "oːɹ", "ɔːɹ"


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
    ending = compat.published_ending(multispeaker=name == LIBRI, sentences=2)
    speaking = Speaking(system.model, options, ending, reference=first.get("ref_s"))
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
    assert len(alone) > 600 * compat.END_FRAMES
    assert len(chunks(events(system, "Hi. Hi.", system.voice(""), compat=True))[0].samples) == len(alone) - 3000
    assert len(first) > len(alone)


@pytest.mark.parametrize("name", [LJ, LIBRI])
def test_a_style_text_sets_the_style_and_has_no_effect_in_the_reference(systems, voice, played, name):
    system, own = systems(name), voice(name)
    found = played(system)
    events(system, "Hello, world.", own)
    events(system, "Hello, world.", own, style_text="How dare you!")
    events(system, "Hello, world.", own, style_text="How dare you!", compat=True)
    events(system, "Hello, world.", own, compat=True)
    (_, plain), (_, angry), (_, ignored), (_, published) = found
    assert not torch.allclose(plain, angry, atol=1e-3)
    assert torch.equal(ignored, published)
    with pytest.raises(TextError, match="style_text"):
        events(system, "Hello.", own, style_text="--")


def same(phonemes):
    return phonemes.replace(OLD, NEW)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("vector", VECTORS, ids=range(len(VECTORS)))
def test_the_phonemes_and_ids_are_the_published_ones(vector, path):
    published = vector[path]
    text = vector["input"] if path != "lj" else vector["input"].replace('"', "")
    phonemes = compat.read(vector["input"], **PATHS[path])
    if "error" in published:
        # Nothing is left to be read, over which the reference stumbles.
        assert phonemes == ""
        return
    assert same(phonemize(text, flags=True)) == same(published["phonemizer_out"][0]).strip()
    assert same(phonemes) == same(published["phonemes"])
    mended = encode(same(published["phonemes"])).ids
    assert encode(same(phonemes)).ids == mended
    if OLD not in published["phonemes"]:
        assert list(encode(phonemes).ids) == published["tokens"]


def test_a_word_of_another_language_carries_its_flag():
    assert "( ko )" in compat.read("안녕하세요", multispeaker=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("  ", "empty"),
        ("''", "no sound"),
        ("word " * 200, "the model reads 512"),
        ("word " * 3000, "at most 10,000"),
    ],
)
def test_what_the_reference_would_fall_over_is_refused_before_there_is_sound(text, message):
    front_end = compat.FrontEnd(multispeaker=False, max_length=512)
    with pytest.raises(TextError, match=message):
        front_end.prepared(front_end.segment(text, "en"))


def test_sentences_end_as_the_reference_ends_them():
    endings = {
        (multispeaker, sentences): compat.published_ending(multispeaker=multispeaker, sentences=sentences)
        for multispeaker in (False, True)
        for sentences in (1, 2)
    }
    assert {key: (ending.extra_frames, ending.cut) for key, ending in endings.items()} == {
        (False, 1): (5, 0),
        (False, 2): (0, 0),
        (True, 1): (0, 50),
        (True, 2): (0, 100),
    }
    assert {ending.least_guided for ending in endings.values()} == {0}
