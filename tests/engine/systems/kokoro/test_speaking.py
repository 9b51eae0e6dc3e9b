"""From phonemes to sound, stage by stage, against the reference's: in small, and with real weights.

Waveforms are decided by rounding in the source's phase (docs/style-tts.md#order-of-operations), so they are judged from
the stored pitch, and loosely from ids.
"""

from functools import cache

import numpy as np
import pytest
import torch

from engine.steps import finish
from engine.style_tts.synthesizer import DecoderInputs
from engine.systems.kokoro.checkpoint import read
from engine.systems.kokoro.files import packs
from engine.systems.kokoro.front_end import front_end
from engine.systems.kokoro.options import Options
from engine.systems.kokoro.packs import Packs
from engine.systems.kokoro.phonemes import Phonemes, Word
from engine.systems.kokoro.speaking import Speaking
from engine.systems.kokoro.text import encode
from engine.systems.kokoro.voices import pack_of
from tests.engine.style_tts.closeness import close, relative
from tests.kokoro import arrays
from tests.kokoro import read as read_json

TINY = [case["name"] for case in read_json("tiny_cases")["cases"]]
REAL = [case["name"] for case in read_json("real_cases")]
CASES = {
    **{
        case["name"]: {"voice": "af_tiny", "file": f"tiny_{case['name']}", **case}
        for case in read_json("tiny_cases")["cases"]
    },
    **{case["name"]: {"noise": "philox", "file": case["name"], **case} for case in read_json("real_cases")},
}


@pytest.fixture(scope="module")
def speak(tiny, real):
    """What ours makes of a case, and what is stored of it."""
    loaded = {}

    @cache
    def run(name):
        case, folder = CASES[name], tiny if name in TINY else real
        if folder not in loaded:
            loaded[folder] = (read(folder), front_end(folder).vocabulary, Packs(packs(folder)))
        model, vocabulary, known = loaded[folder]
        piece = encode(Phonemes(case["phonemes"], ()), vocabulary)
        speaking = Speaking(model, Options(speed=case["speed"]), pack_of(known.voice(case["voice"])))
        return model, piece, finish(speaking.prepare(piece)), arrays(case["file"])

    return run


@pytest.mark.parametrize("name", [*TINY, *REAL])
def test_ids_row_durations_pitch_and_energy_are_the_published_ones(speak, name):
    _, piece, prepared, theirs = speak(name)
    assert piece.ids == tuple(theirs["ids"].flatten().tolist())
    assert piece.row == CASES[name]["voice_row"]
    close(prepared.style, theirs["ref_s"], 1e-6)
    assert torch.equal(prepared.score.frames, theirs["pred_dur"].flatten().long())
    assert int(prepared.score.frames.sum()) == CASES[name]["frames"]
    close(prepared.score.inputs.pitch, theirs["F0"], 0.01)
    close(prepared.score.inputs.energy, theirs["N"], 1e-3)


@pytest.mark.parametrize("name", [*TINY, *REAL])
def test_durations_before_rounding_are_the_published_ones(speak, name):
    model, piece, prepared, theirs = speak(name)
    logits = model.predict_durations(model.encode_ids(piece.ids), prepared.style).logits
    close(torch.sigmoid(logits).sum(-1).flatten() / CASES[name]["speed"], theirs["dur"].flatten(), 1e-4)


def test_every_stage_of_the_reduced_model_is_the_published_one(speak):
    model, piece, prepared, theirs = speak("case0")
    text = model.encode_ids(piece.ids)
    close(text.bert, theirs["bert"], 1e-4)
    close(text.prosodic, theirs["d_en"], 1e-4)
    close(text.acoustic, theirs["t_en"], 1e-4)
    durations = model.predict_durations(text, prepared.style)
    close(durations.encoded, theirs["d"], 1e-4)
    close(durations.logits, theirs["dur_logits"], 1e-4)
    inputs, style, decoder = prepared.score.inputs, model.acoustic(prepared.style), model.decoder
    features = decoder.features(inputs.text, theirs["F0"], theirs["N"], style)
    close(features, theirs["gen_in"], 1e-4 * float(features.abs().max()))
    close(decoder.generator.source(theirs["F0"], _noise("philox", theirs)), theirs["source"], 2e-2)


@pytest.mark.parametrize("name", REAL)
def test_the_text_encoders_of_the_real_model_say_what_the_published_ones_do(speak, name):
    model, piece, _, theirs = speak(name)
    text = model.encode_ids(piece.ids)
    close(text.prosodic, theirs["d_en"].float(), 2e-3)  # stored in half precision
    close(text.acoustic.mean(-1), theirs["t_en_mean"], 1e-4)
    close(text.bert.mean(1), theirs["bert_mean"], 1e-4)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case["noise"] == "philox"])
def test_the_sound_is_the_published_one(speak, name):
    model, _, prepared, theirs = speak(name)
    wav = theirs["wav"] if "wav" in theirs else theirs["wav_int16"].float() / 32767
    noise, inputs = _noise("philox", theirs), prepared.score.inputs
    stored = DecoderInputs(inputs.text, theirs["F0"], theirs["N"])
    # With the same pitch rounding alone is left, and sixteen bits of the real cases.
    assert relative(model.decode(stored, prepared.style, noise), wav) < (0.02 if name in TINY else 2e-3)
    sound = model.decode(inputs, prepared.style, noise)
    assert sound.shape[-1] == CASES[name]["samples"]
    assert relative(sound, wav) < (0.35 if name in TINY else 0.03)
    if name in REAL:
        bins = torch.stft(sound.flatten(), 1024, 256, window=torch.hann_window(1024), return_complex=True).abs()[:512]
        bands = torch.log(1e-4 + bins.view(32, 16, -1).mean(1))
        assert float((bands - theirs["log_bands"].float()).abs().mean()) < 0.02


def test_a_seed_repeats_the_sound_and_another_differs(small):
    piece = encode(Phonemes("ðə kwˈɪk fˈɑks.", ()), small.front_end.vocabulary)
    speaking = Speaking(small.model, Options(), pack_of(small.voice("")))
    prepared = finish(speaking.prepare(piece))
    first, again, other = (finish(speaking.play(prepared, torch.Generator().manual_seed(seed))) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_words_have_the_times_of_their_phonemes(small):
    string = "ðə kwˈɪk fˈɑks."
    words = (Word("The", 0, 2), Word("quick", 3, 8), Word("fox", 9, 14))
    piece = encode(Phonemes(string, words), small.front_end.vocabulary)
    prepared = finish(Speaking(small.model, Options(), pack_of(small.voice(""))).prepare(piece))
    frames = prepared.score.frames.tolist()
    timed = prepared.words(piece)
    assert [word.text for word in timed] == ["The", "quick", "fox"]
    # Behind the leading 0, of the characters 0 and 1, 3 to 7, and 9 to 13.
    spans = [(1, 3), (4, 9), (10, 15)]
    assert [(word.start_s, word.end_s) for word in timed] == [
        pytest.approx((sum(frames[:start]) * 0.025, sum(frames[:end]) * 0.025)) for start, end in spans
    ]
    assert prepared.seconds == pytest.approx(sum(frames) * 0.025)


def _noise(kind, theirs):
    samples = 600 * int(theirs["pred_dur"].sum())
    assert kind == "philox"
    drawn = np.random.Generator(np.random.Philox(12345)).standard_normal((1, samples, 9), dtype=np.float32)
    return torch.from_numpy(drawn)
