"""Segments on their way to sound: streaming, what is left out, precision, seeds."""

import dataclasses
import threading

import numpy as np
import pytest
import torch

from engine.events import AudioChunk, Notice, Progress
from engine.systems.vits.options import Options
from tests.engine.systems.vits.speech import CLEANED, LONG, events_of, sound


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


def test_a_long_segment_may_be_stopped_between_its_networks_before_its_first_sound(system):
    events = events_of(system("mb_det"), "a" * 150)
    first = next(index for index, event in enumerate(events) if isinstance(event, AudioChunk))
    steps = [event for event in events[:first] if isinstance(event, Progress)]
    model = system("mb_det").model
    # Each half block of the encoder, the durations, each layer of the flow, each residual block of the decoder.
    assert len(steps) == 2 * len(model.enc_p.encoder.attn_layers) + 1 + len(model.flow.flows) + len(model.dec.resblocks)
    assert {(step.done, step.total) for step in steps} == {(0, 1)}


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
