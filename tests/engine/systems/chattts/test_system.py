"""The whole system on the reduced checkpoint: what it does better than the reference."""

import dataclasses

import numpy as np
import pytest
import torch

from engine.cli import main
from engine.engine import Engine
from engine.errors import AudioError, TextError, VoiceError, WeightsMissing
from engine.events import AudioChunk, Notice, Progress, Rewritten
from engine.options import declared, parse
from engine.request import SynthesisRequest, Voice, VoicePrompt
from engine.systems.chattts import SPEC, voices
from engine.systems.chattts.options import Options
from engine.systems.chattts.system import load
from engine.systems.chattts.tokens import CONTROLS

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def system(checkpoint):
    loading = load(checkpoint, torch.device("cpu"), torch.float32)
    while True:
        try:
            assert isinstance(next(loading), Progress)
        except StopIteration as end:
            return end.value


@pytest.fixture(scope="module")
def cases(golden_json):
    return golden_json("e2e_cases")["cases"]


def events(system, text, voice, seed=1, **options):
    chosen = parse(Options, options)
    segments = system.segment(text, "zh", chosen)
    return list(system.synthesize(segments, voice, chosen, torch.Generator().manual_seed(seed)))


def sound(found):
    """The chunks of each segment, one after another."""
    chunks = [event for event in found if isinstance(event, AudioChunk)]
    count = max((chunk.segment for chunk in chunks), default=-1) + 1
    return [
        np.concatenate([c.samples for c in chunks if c.segment == index] or [np.zeros(0)]) for index in range(count)
    ]


def notices(found):
    return [event.message for event in found if isinstance(event, Notice)]


@pytest.fixture(scope="module")
def spk(system, cases):
    return system.voice(cases["e2e_batch"]["code"]["spk_emb"])


# What is done to make sound, in the order of its stages.
SPOKEN = ("reading the text", "working on the first sound", "speaking")
LONG = "今天天气很好，我们去吃饭吧，好不好？\n你好吗，我很好，谢谢你，再见了。\nhello there my friend, how are you?"
SHORT_RUN = {"max_new_tokens": 40, "retries": 0}


def test_streamed_chunks_equal_what_is_spoken_at_one_look(system, spk):
    often = sound(events(system, LONG, spk, **SHORT_RUN, first_as_prompt=False, stream_batch=3))
    once = sound(events(system, LONG, spk, **SHORT_RUN, first_as_prompt=False, stream_batch=512))
    assert len(often) == len(once) == 3
    for ours, theirs in zip(often, once, strict=True):
        assert ours.shape == theirs.shape
        assert np.abs(ours - theirs).max() <= 2e-5


def test_chunks_come_in_the_order_of_the_segments(system, spk):
    found = events(system, LONG, spk, **SHORT_RUN, stream_batch=4)
    order = [event.segment for event in found if isinstance(event, AudioChunk)]
    assert order == sorted(order)
    assert set(order) == {0, 1, 2}


def test_the_same_request_gives_the_same_samples_and_changes_nothing(system, spk):
    first = sound(events(system, LONG, spk, **SHORT_RUN))
    again = sound(events(system, LONG, spk, **SHORT_RUN))
    assert all(np.array_equal(ours, theirs) for ours, theirs in zip(first, again, strict=True))


def test_what_the_model_cannot_say_is_reported_and_the_rest_spoken(system, spk):
    found = events(system, "你好 Привет", spk, **SHORT_RUN)
    assert "'П'" in notices(found)[0]
    assert len(sound(found)[0])


def test_a_text_that_cannot_be_said_is_refused(system, spk):
    with pytest.raises(TextError, match="Chinese and English"):
        events(system, "Привет", spk, **SHORT_RUN)


def test_one_character_is_spoken_and_does_not_run_on(system, spk):
    (wave,) = sound(events(system, "好", spk, retries=2))
    assert 0 < len(wave) < 5 * 24_000


def test_work_can_be_stopped_after_every_step(system, spk):
    for more in ({}, {"refine": True, "refine_max_new_tokens": 8}, {"compat": True}):
        found = events(system, LONG, spk, max_new_tokens=12, min_new_tokens=12, retries=0, **more)
        steps = [event.done for event in found if isinstance(event, Progress) and event.label in SPOKEN]
        # 0 while the prompt is read, which happens in blocks when it is long.
        assert set(range(1, 13)) <= set(steps) <= set(range(13))
        written = [event.done for event in found if isinstance(event, Progress) and event.label == "refining"]
        assert set(written) - {0} == (set(range(1, 9)) if "refine" in more else set())


def test_decoding_as_published_can_be_stopped_too(system, spk):
    found = events(system, "你好", spk, compat=True, max_new_tokens=300, min_new_tokens=300)
    decoded = [event for event in found if isinstance(event, Progress) and event.label == "decoding"]
    assert max(np.diff([0, *(event.done for event in decoded)])) <= 4 * 24_000
    assert decoded[-1].done == decoded[-1].total == (2 * 300 - 1) * 256


def test_a_long_sound_leaves_in_pieces(system, spk):
    found = events(system, "你好", spk, max_new_tokens=300, min_new_tokens=300, stream_batch=512, retries=0)
    chunks = [event.samples for event in found if isinstance(event, AudioChunk)]
    assert max(map(len, chunks)) <= 4 * 24_000
    once = events(system, "你好", spk, max_new_tokens=300, min_new_tokens=300, stream_batch=8, retries=0)
    assert np.abs(sound(once)[0] - np.concatenate(chunks)).max() < 2e-5


def test_closing_stops_the_work(system, spk):
    options = parse(Options, {"stream_batch": 1})
    running = system.synthesize(system.segment(LONG, "zh", options), spk, options, torch.Generator())
    assert any(isinstance(next(running), Progress) for _ in range(6))
    running.close()
    assert list(running) == []


def test_voices_of_another_model_are_refused(system):
    large = Voice(system="chattts", name="large", tensors={"speaker": np.ones(768, np.float16)})
    with pytest.raises(VoiceError, match="this model needs 64"):
        events(system, "你好", large, **SHORT_RUN)
    with pytest.raises(VoiceError, match="not known"):
        system.voice("seed:2")


ODD = {
    "whole numbers": ({"speaker": np.arange(64)}, "int64 instead of floating-point"),
    "broken codes": ({"codes": np.ones((4, 9), np.float32)}, "float32 instead of whole numbers"),
    "codes beyond the last": ({"codes": np.full((4, 9), 700)}, "the code 700"),
    "something else": ({"pitch": np.ones(3, np.float32)}, "holds pitch, and no speaker"),
}


@pytest.mark.parametrize("kind", ODD)
def test_a_saved_voice_that_is_none_of_ours_is_refused(system, kind):
    tensors, words = ODD[kind]
    with pytest.raises(VoiceError, match=words):
        events(system, "你好", Voice(system="chattts", name="odd", tensors=tensors), **SHORT_RUN)


def test_a_recording_is_bounded_and_one_without_its_text_is_remarked_on(system):
    rng = np.random.default_rng(0)
    hour = np.broadcast_to(np.float32(0.1), 3600 * 24_000)
    with pytest.raises(VoiceError, match="takes 3600 s; cut it"):
        system.encode_voice(VoicePrompt(samples=hour, sample_rate=24_000))
    two = rng.normal(0, 0.1, 48_000).astype(np.float32)
    voice = system.encode_voice(VoicePrompt(samples=two, sample_rate=24_000))
    assert "text the voice is likened better" in notices(events(system, "你好", voice, **SHORT_RUN))[0]
    known = system.encode_voice(VoicePrompt(samples=two, sample_rate=24_000, transcript="第3段"))
    assert notices(events(system, "你好", known, **SHORT_RUN)) == []


def test_a_sample_that_leaves_no_room_for_the_text_is_refused(system):
    codes = np.zeros((4, 4090), np.int32)
    voice = Voice(system="chattts", name="long", tensors={"codes": codes}, meta={"transcript": "好"})
    with pytest.raises(TextError, match="the model reads 4096"):
        events(system, "你好", voice, **SHORT_RUN)


def test_the_drift_of_a_voice_is_measured_over_the_segments_of_a_text(system, spk):
    waves = sound(events(system, LONG, spk, max_new_tokens=60, min_new_tokens=60, retries=0))
    assert len(waves) == 3
    assert system.drift(waves[:1]) == 0
    level = [0.1 * waves[0], waves[0]]
    assert system.drift(level) < 0.1 * system.drift(waves)
    with pytest.raises(VoiceError, match="no sound"):
        system.drift([])
    with pytest.raises(AudioError, match="takes at least"):
        system.drift([np.zeros(100, np.float32)])


def test_tokens_alone_are_no_text(system, spk):
    with pytest.raises(TextError, match="nothing but control tokens"):
        events(system, "[laugh][lbreak]", spk, **SHORT_RUN)


def test_a_text_without_letters_is_read_in_the_language_of_the_request(system):
    options = parse(Options, {})
    assert [piece.language for piece in system.segment("5", "zh", options)] == ["zh"]
    assert [piece.language for piece in system.segment("5", "en", options)] == ["en"]
    (mixed,) = system.segment("用Python Pro Max写3行", "en", options)
    assert mixed.language == "zh"


def test_compat_bounds_what_the_reference_does_at_one_go(system):
    options = parse(Options, {"compat": True})
    with pytest.raises(TextError, match="33 pieces"):
        system.segment("好。" * 33, "zh", options)
    with pytest.raises(TextError, match="2,001 characters"):
        system.segment("好" * 2001, "zh", options)


@pytest.mark.parametrize("text", ["你好吗，我的朋友？", LONG, "你好\n---\nhello there, my friend"])
@pytest.mark.parametrize("split_text", [True, False])
def test_refined_text_spoken_as_it_is_shown_gives_the_same_samples(system, spk, text, split_text):
    options = {**SHORT_RUN, "split_text": split_text, "refine": True, "refine_max_new_tokens": 6}
    found = events(system, text, spk, **options)
    (shown,) = (event for event in found if isinstance(event, Rewritten))
    again = events(system, shown.text, spk, **{**options, **shown.options})
    assert not any(isinstance(event, Rewritten) for event in again)
    assert [wave.tolist() for wave in sound(again)] == [wave.tolist() for wave in sound(found)]


def test_the_facts_are_known_without_torch_and_the_engine_speaks_by_them(checkpoint, cases):
    engine = Engine((SPEC,), device="cpu", dtype="float32")
    request = SynthesisRequest(
        system="chattts", text="你好，世界。", options=parse(Options, SHORT_RUN), checkpoint=checkpoint, seed=7,
        voice=cases["e2e_batch"]["code"]["spk_emb"],
    )  # fmt: skip
    chunks = [event for event in engine.synthesize(request) if isinstance(event, AudioChunk)]
    assert sum(len(chunk.samples) for chunk in chunks) > 24_000 * 0.2
    assert engine.voices("chattts", checkpoint) == ()


def test_a_checkpoint_is_checked_as_strictly_as_it_is_loaded(checkpoint, tmp_path):
    SPEC.check(checkpoint)
    with pytest.raises(WeightsMissing):
        SPEC.check(tmp_path)


def test_the_command_line_speaks_with_an_old_voice_file(checkpoint, tmp_path, spk):
    torch.save(torch.tensor(spk.tensors["speaker"]).float(), tmp_path / "1528.pt")
    arguments = ["say", "你好", "--system", "chattts", "--checkpoint", checkpoint, "--voice", tmp_path / "1528.pt"]
    arguments += ["--out", tmp_path / "out.wav", "--set", "max_new_tokens=20", "--seed", "1", "--device", "cpu"]
    assert main([str(argument) for argument in arguments], (SPEC,)) == 0
    assert (tmp_path / "out.wav").stat().st_size > 1000


def test_what_leaves_is_finite_as_long_as_its_codes_and_quiet_at_the_joints(checkpoint, cases):
    engine = Engine((SPEC,), device="cpu", dtype="float32")
    options = parse(Options, {"max_new_tokens": 60, "min_new_tokens": 60, "retries": 0})
    request = SynthesisRequest(
        system="chattts", text=LONG, options=options, checkpoint=checkpoint, raw=True,
        voice=cases["e2e_batch"]["code"]["spk_emb"],
    )  # fmt: skip
    raw = sound(engine.synthesize(request))
    assert [len(wave) for wave in raw] == [(2 * 60 - 1) * 256] * 3
    assert np.isfinite(np.concatenate(raw)).all()
    finished = sound(engine.synthesize(dataclasses.replace(request, raw=False)))
    row = np.concatenate(finished)
    assert np.isfinite(row).all()
    assert np.abs(row).max() <= 1
    loud = np.abs(np.diff(row)).max()
    ends = np.cumsum([len(wave) for wave in finished])[:-1]
    # Where one segment ends and the next begins there is no step in the wave.
    assert max(np.abs(np.diff(row[end - 50 : end + 50])).max() for end in ends) < 0.5 * loud


def test_the_facts_of_voices_and_tokens_are_those_that_the_system_has():
    assert SPEC.voicing.random
    assert SPEC.voicing.strings
    assert set(SPEC.tokens) <= set(CONTROLS)
    assert {"[uv_break]", "[lbreak]", "[laugh]"} <= set(SPEC.tokens)
    groups = {option.name: option.group for option in declared(Options)}
    assert [name for name, group in groups.items() if not group] == ["refine", "speed", "temperature"]
    assert {group for name, group in groups.items() if name.startswith("refine_")} == {"Refining"}


def test_voices_are_made_blended_and_shown_as_strings_by_the_command_line(tmp_path, cases, checkpoint, capsys):
    spk = cases["e2e_batch"]["code"]["spk_emb"]
    torch.save(torch.randn(64, generator=torch.Generator().manual_seed(1)), tmp_path / "old.pt")

    def run(*arguments):
        folder = ["--models-dir", tmp_path / "models"]
        status = main([str(argument) for argument in (*arguments, *folder)], (SPEC,))
        return status, capsys.readouterr().out.strip()

    here = ("--checkpoint", checkpoint, "--device", "cpu")
    assert run("voices", "make", "chattts/mei", "--voice", spk, *here)[0] == 0
    assert run("voices", "show", "chattts/mei", *here) == (0, spk)
    assert run("voices", "make", "chattts/old", "--voice", tmp_path / "old.pt", *here)[0] == 0
    assert run("voices", "blend", "chattts/both", "mei=3", "old=1", *here)[0] == 0
    mixed = run("voices", "show", "chattts/both", *here)[1]
    vector = voices.decode_vector(mixed, 64)
    parts = [voices.decode_vector(spk, 64).astype(float), voices.read_file(tmp_path / "old.pt").tensors["speaker"]]
    assert np.allclose(vector, 0.75 * parts[0] + 0.25 * parts[1], atol=5e-3)
    out = tmp_path / "out.wav"
    say = ("say", "你好", "--system", "chattts", "--seed", 1, "--set", "max_new_tokens=12", "--out", out, *here)
    assert run(*say, "--voice", "both")[0] == 0
    assert out.stat().st_size > 1000
