"""The system's interface: voices, segments, streaming, what is dropped and what is refused."""

import dataclasses
import threading

import numpy as np
import pytest
import torch

from engine.errors import ConfigError, OptionError, TextError, VoiceError
from engine.events import AudioChunk, Notice, Progress
from engine.options import parse
from engine.request import Segment, VoicePrompt
from engine.systems.vits import SPEC
from engine.systems.vits.options import Options
from engine.systems.vits.system import MAX_COMPAT_CHARS, MAX_PHONEMES, split_phonemes
from engine.text import phonemes

CLEANED = Options(cleaned=True, noise_scale=0.0)
COMPAT = dataclasses.replace(CLEANED, compat=True)
LONG = "ðɪs ɪz ɐ lˈɔŋ tˈɛkst wɪð mˈɛni wˈɜːdz. " * 30


def events_of(system, text, options=CLEANED, *, voice="", seed=0):
    segments = system.segment(text, "en", options)
    return list(system.synthesize(segments, system.voice(voice), options, torch.Generator().manual_seed(seed)))


def sound(events):
    return np.concatenate([event.samples for event in events if isinstance(event, AudioChunk)])


@pytest.mark.parametrize(("name", "number"), [("", "0"), ("3", "3"), ("0", "0")])
def test_voices_go_by_number_where_they_have_no_names(system, name, number):
    voice = system("mb_det_ms").voice(name)
    assert (voice.system, voice.name, voice.meta["id"]) == ("vits", number, number)


def test_voices_go_by_name_and_by_number_where_they_have_names(tmp_path, checkpoint, load_system):
    import json
    import shutil

    folder = shutil.copytree(checkpoint("mb_det_ms"), tmp_path / "named")
    raw = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**raw, "speakers": ["ann", "ben"]}))
    named = load_system(folder)
    assert named.voices() == ("ann", "ben", "2", "3", "4")
    assert named.voice("") == named.voice("ann") == named.voice("0")
    assert named.voice("ben").meta["id"] == named.voice("1").meta["id"] == "1"
    with pytest.raises(VoiceError, match=r"no voice 'carl'.*ann, ben, 2, 3, 4"):
        named.voice("carl")
    with pytest.raises(VoiceError):
        named.voice("5")


def test_one_voice_needs_no_name(system):
    assert system("mb_det").voices() == ()
    assert system("mb_det").voice("") == system("mb_det").voice("0")
    with pytest.raises(VoiceError, match="one voice"):
        system("mb_det").voice("ann")


def test_voices_differ(system):
    first, second = (sound(events_of(system("mb_det_ms"), "hˈaɪ", voice=voice)) for voice in "01")
    assert first.shape != second.shape or not np.allclose(first, second)


def test_voices_are_not_made_from_recordings(system):
    prompt = VoicePrompt(samples=np.zeros(22050, np.float32), sample_rate=22050)
    with pytest.raises(VoiceError, match="fixed"):
        system("mb_det").encode_voice(prompt)


def test_compat_keeps_the_text_in_one_piece(system):
    text = "  First.   Second!\nThird? " * 20
    for options in (COMPAT, Options(compat=True)):
        segments = system("mb_det").segment(text, "en", options)
        assert segments == [Segment(text=text, language="en")]


def test_plain_text_is_cut_by_sentences(system):
    text = "This is the first sentence of two. And here the second one follows it."
    segments = system("mb_det").segment(text * 5, "en", Options())
    assert len(segments) > 2
    assert all(segment.pause_s > 0 for segment in segments[:-1])


@pytest.mark.parametrize("text", ["", "   ", "\n"])
@pytest.mark.parametrize("options", [Options(), CLEANED, COMPAT])
def test_empty_text_is_refused(system, text, options):
    with pytest.raises(TextError, match="empty"):
        system("mb_det").segment(text, "en", options)


def test_text_without_letters_is_refused(system):
    with pytest.raises(TextError, match="nothing to say"):
        system("mb_det").segment("... !!!", "en", Options())
    with pytest.raises(TextError, match="no symbol"):
        events_of(system("mb_det"), "漢字")


def test_cleaned_text_is_cut_at_marks_only_when_it_is_long():
    assert split_phonemes("hˈaɪ. wˈɜːld.", "en") == [Segment(text="hˈaɪ. wˈɜːld.", language="en")]
    segments = split_phonemes(LONG.strip(), "en")
    assert all(len(segment.text) <= MAX_PHONEMES and segment.text.endswith(".") for segment in segments)
    assert " ".join(segment.text for segment in segments) == LONG.strip()
    commas = split_phonemes(LONG.replace(".", ",").strip(), "en")
    assert all(segment.text.endswith(",") for segment in commas)
    assert all(0 < segment.pause_s < segments[0].pause_s for segment in commas[:-1])


@pytest.mark.parametrize("text", ["x" * 1000, "x " * 500, "ab. " + "x" * 1000])
def test_cleaned_text_without_marks_is_cut_all_the_same_and_nothing_is_lost(text):
    segments = split_phonemes(text, "en")
    assert all(len(segment.text) <= MAX_PHONEMES for segment in segments)
    assert "".join(segment.text for segment in segments).replace(" ", "") == text.replace(" ", "")


def test_unknown_symbols_are_left_out_and_named_once(system):
    events = events_of(system("mb_det"), "hˈaɪ[漢] ðˈɛɹ[字漢]")
    notices = [event for event in events if isinstance(event, Notice)]
    assert len(notices) == 1
    assert notices[0].message.endswith("'[' '漢' ']' '字'")
    assert np.array_equal(sound(events), sound(events_of(system("mb_det"), "hˈaɪ ðˈɛɹ")))


def test_what_english_has_no_words_for_is_left_out_and_named_once(system):
    events = events_of(system("mb_det"), "A ☃ and 🙂, then a ☃ < that, naïve, 5 € – “so” don’t…", Options())
    notices = [event.message for event in events if isinstance(event, Notice)]
    assert notices == ["left out, because the language has no words for them: '☃' '🙂'"]
    assert len(sound(events)) > 0


def test_unknown_symbols_are_named_when_their_segment_comes(system):
    events = events_of(system("mb_det"), LONG + "漢 " + LONG + "漢字 " + LONG)
    kinds = [type(event) for event in events]
    assert kinds.index(AudioChunk) < kinds.index(Notice)
    assert [event.message[-3:] for event in events if isinstance(event, Notice)] == ["'漢'", "'字'"]


def test_first_sound_waits_for_no_other_segment(system, monkeypatch):
    loaded = system("mb_det")
    segments = loaded.segment("This is a sentence, and it is not a short one at all. " * 50, "en", Options())
    assert len(segments) > 20
    read = []
    clean = loaded._encoder.clean
    monkeypatch.setattr(loaded._encoder, "clean", lambda text: read.append(text) or clean(text))
    events = loaded.synthesize(segments, loaded.voice(""), Options(), torch.Generator().manual_seed(0))
    assert isinstance(next(events), AudioChunk)
    assert len(read) == 1
    events.close()


def test_loading_starts_espeak_where_the_cleaners_need_it(checkpoint, load_system):
    phonemes._backend.cache_clear()
    loaded = load_system(checkpoint("mb_det"))
    assert phonemes._backend.cache_info().currsize == 1
    events_of(loaded, "Hello there.", Options())
    assert phonemes._backend.cache_info().misses == 1


def test_compat_refuses_what_it_cannot_say_in_one_piece(system):
    for options in (COMPAT, Options(compat=True)):
        assert len(system("mb_det").segment("a" * MAX_COMPAT_CHARS, "en", options)) == 1
        with pytest.raises(TextError, match=r"2,001 characters.*at most 2,000.*leave compat off"):
            system("mb_det").segment("a" * (MAX_COMPAT_CHARS + 1), "en", options)


def test_unknown_symbols_are_an_error_under_compat(system):
    with pytest.raises(TextError, match="'漢'"):
        events_of(system("mb_det"), "hˈaɪ 漢", COMPAT)


def test_apostrophe_has_its_last_number(system):
    encoded = system("mb_det")._encoder.encode("a'b")
    assert encoded.ids[3] == 176
    assert encoded.ids[::2] == (0, 0, 0, 0)


def test_english_text_is_phonemized_and_gets_an_end(system):
    loaded = system("mb_det")
    segments = loaded.segment("Hello there", "en", Options())
    encoded = loaded._encode(segments[0], Options(), last=True)
    symbols = loaded._encoder._config.symbols
    spoken = "".join(symbols[number] for number in encoded.ids[1::2])
    assert spoken.startswith("həlˈoʊ")
    assert spoken.endswith(".")
    assert encoded.unknown == ()
    assert loaded._encode(segments[0], Options(compat=True), last=True).ids[-2] != symbols.index(".")


def test_cleaners_of_other_languages_say_how_to_go_on(tmp_path, checkpoint, load_system):
    import json
    import shutil

    folder = shutil.copytree(checkpoint("mb_det"), tmp_path / "japanese")
    raw = json.loads((folder / "config.json").read_text())
    raw["data"]["text_cleaners"] = ["japanese_cleaners"]
    (folder / "config.json").write_text(json.dumps(raw))
    japanese = load_system(folder)
    with pytest.raises(ConfigError, match=r"'japanese_cleaners'.*english_cleaners2.*cleaned=true"):
        japanese.segment("こんにちは", "ja", Options())
    assert len(sound(events_of(japanese, "konnitɕiwa"))) > 0


def test_the_same_seed_gives_the_same_samples_and_another_gives_others(system):
    options = Options(cleaned=True)
    a, b, c = (sound(events_of(system("mb_sdp"), "hˈaɪ ðˈɛɹ", options, seed=seed)) for seed in (1, 1, 2))
    assert np.array_equal(a, b)
    assert a.shape != c.shape or not np.allclose(a, c)


def test_events_come_in_order_and_progress_reaches_its_total(system):
    events = events_of(system("mb_det"), LONG)
    numbers = [event.segment for event in events if isinstance(event, AudioChunk)]
    assert numbers == sorted(numbers)
    progress = [event for event in events if isinstance(event, Progress)]
    assert progress[-1].done == progress[-1].total == max(numbers) + 1


def test_first_sound_of_a_long_segment_leaves_before_the_rest_is_decoded(system):
    events = [event for event in events_of(system("mb_det"), "a" * 150) if isinstance(event, AudioChunk)]
    assert len(events) > 1
    assert len(events[0].samples) < len(sound(events)) / 2
    assert {event.segment for event in events} == {0}


def test_two_requests_at_once_do_not_disturb_each_other(system):
    loaded, results = system("mb_sdp_ms"), {}
    alone = {voice: sound(events_of(loaded, "hˈaɪ ðˈɛɹ", Options(cleaned=True), voice=voice)) for voice in "04"}

    def run(voice):
        results[voice] = sound(events_of(loaded, "hˈaɪ ðˈɛɹ", Options(cleaned=True), voice=voice))

    threads = [threading.Thread(target=run, args=voice) for voice in "04"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for voice, expected in alone.items():
        np.testing.assert_allclose(results[voice], expected, atol=1e-5)


def test_inference_mode_does_not_leak_between_steps(system):
    loaded = system("mb_det")
    generator = loaded.synthesize(
        loaded.segment("hˈaɪ", "en", CLEANED), loaded.voice(""), CLEANED, torch.Generator().manual_seed(0)
    )
    next(generator)
    assert not torch.is_inference_mode_enabled()
    generator.close()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_speaks_in_half_precision(checkpoint, load_system, dtype):
    loaded = load_system(checkpoint("mb_det"), dtype)
    samples = sound(events_of(loaded, "hˈaɪ ðˈɛɹ"))
    assert samples.dtype == np.float32
    assert np.isfinite(samples).all()


def test_longer_takes_longer(system):
    short, long = (
        len(sound(events_of(system("mb_det"), "hˈaɪ ðˈɛɹ", dataclasses.replace(CLEANED, length_scale=scale))))
        for scale in (0.5, 2.0)
    )
    assert long > short


def test_options_have_the_published_defaults_and_bounds():
    options = parse(SPEC.options, {})
    assert (options.noise_scale, options.noise_scale_w, options.length_scale) == (0.667, 0.8, 1.0)
    parse(SPEC.options, {"noise_scale": "0", "noise_scale_w": 1.2, "length_scale": 1.1, "compat": "true"})
    for name, value in (("noise_scale", 1.3), ("noise_scale_w", -0.1), ("length_scale", 0.4)):
        with pytest.raises(OptionError, match=name):
            parse(SPEC.options, {name: value})
