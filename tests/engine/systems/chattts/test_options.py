"""The options are the issue's by name, with the reference's defaults and bounds."""

import dataclasses

import numpy as np
import pytest
import torch

from engine.errors import OptionError
from engine.events import AudioChunk, Rewritten
from engine.options import declared, parse, unheeded, values
from engine.request import VoicePrompt
from engine.steps import finish
from engine.systems.chattts import SPEC
from engine.systems.chattts.options import Options
from engine.systems.chattts.system import load

NAMES = [
    "refine",
    "refine_prompt",
    "oral",
    "laugh",
    "break",
    "refine_temperature",
    "refine_top_p",
    "refine_top_k",
    "refine_repetition_penalty",
    "refine_max_new_tokens",
    "refine_min_new_tokens",
    "refine_seed",
    "speed",
    "prompt",
    "temperature",
    "top_p",
    "top_k",
    "repetition_penalty",
    "max_new_tokens",
    "min_new_tokens",
    "use_decoder",
    "split_text",
    "max_split_batch",
    "normalize",
    "homophones",
    "ensure_non_empty",
    "stream_batch",
    "stream_speed",
    "pass_first_n_batches",
    "compat",
]
DEFAULTS = {
    "temperature": 0.3, "top_p": 0.7, "top_k": 20, "repetition_penalty": 1.05, "max_new_tokens": 2048,
    "min_new_tokens": 0, "refine_temperature": 0.7, "refine_repetition_penalty": 1.0, "refine_max_new_tokens": 384,
    "speed": 5, "max_split_batch": 4, "stream_batch": 24, "stream_speed": 12_000, "pass_first_n_batches": 2,
}  # fmt: skip


def test_every_option_has_its_name():
    assert set(NAMES) <= {option.name for option in declared(Options)}


@pytest.mark.parametrize("name", DEFAULTS)
def test_defaults_are_the_references(name):
    assert values(Options())[name] == DEFAULTS[name]


def test_an_option_whose_name_python_keeps_for_itself_is_set_by_its_name():
    options = parse(Options, {"break": "6", "oral": 2.0})
    assert (options.break_, options.oral) == (6, 2)
    assert parse(Options, values(options)) == options


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("oral", 10),
        ("laugh", 3),
        ("break", 8),
        ("speed", 10),
        ("temperature", 0),
        ("top_p", 0),
        ("top_k", 0),
        ("refine_prompt", "a" * 201),
    ],
)
def test_values_out_of_bounds_are_refused_by_name(name, value):
    with pytest.raises(OptionError, match=f"(?i){name}"):
        parse(Options, {name: value})


LONG = "今天天气很好，我们去吃饭吧，好不好？\n你好吗，我很好，谢谢你，再见了。\nhello there my friend, how are you?"
QUICK = {"max_new_tokens": 24, "refine_max_new_tokens": 8, "retries": 0}
REFINED, PUBLISHED = {"refine": True}, {"compat": True}
# Option, whether the voice is of a recording, the other options, two values that differ.
IDLE = [
    ("oral", False, {}, (0, 9)),
    ("laugh", False, {**REFINED, "refine_prompt": "[oral_2]"}, (0, 2)),
    ("break", False, {}, (0, 7)),
    ("refine_prompt", False, {}, ("", "[oral_6]")),
    ("refine_temperature", False, {}, (0.2, 1.5)),
    ("refine_top_p", False, {}, (0.1, 1.0)),
    ("refine_top_k", False, {}, (3, 100)),
    ("refine_repetition_penalty", False, {}, (1.0, 2.0)),
    ("refine_max_new_tokens", False, {}, (2, 8)),
    ("refine_min_new_tokens", False, {}, (0, 8)),
    ("refine_seed", False, {}, (1, 2)),
    ("retries", False, PUBLISHED, (0, 3)),
    ("max_split_batch", False, {**PUBLISHED, "split_text": False}, (1, 4)),
    ("max_split_batch", False, {**PUBLISHED, "stream": True}, (1, 4)),
    ("first_as_prompt", True, {}, (False, True)),
    ("first_as_prompt", False, {**PUBLISHED, "split_text": False}, (False, True)),
    ("stream_batch", False, PUBLISHED, (3, 24)),
    ("stream", False, {}, (False, True)),
    ("stream_speed", False, PUBLISHED, (256, 12_000)),
    ("stream_speed", False, {"stream": True}, (256, 12_000)),
    ("pass_first_n_batches", False, PUBLISHED, (0, 2)),
    ("weights", False, PUBLISHED, ("full", "8-bit")),
]
COUNTING = [
    ("refine_seed", False, REFINED, (1, 2)),
    ("refine_temperature", False, REFINED, (0.00001, 2.0)),
    ("refine_max_new_tokens", False, REFINED, (1, 8)),
    ("oral", False, REFINED, (0, 9)),
    ("refine_prompt", False, REFINED, ("[oral_0]", "[oral_9]")),
    ("first_as_prompt", False, {}, (False, True)),
    ("stream_batch", False, {**PUBLISHED, "stream": True}, (3, 24)),
    ("stream", False, PUBLISHED, (False, True)),
    ("stream_speed", False, {**PUBLISHED, "stream": True, "stream_batch": 4}, (256, 12_000)),
    ("pass_first_n_batches", False, {**PUBLISHED, "stream": True, "stream_batch": 4}, (0, 2)),
    ("weights", False, {}, ("full", "8-bit")),
]


@pytest.fixture(scope="module")
def voiced(checkpoint):
    """The reduced model, a speaker of it, and a voice of a recording."""
    system = finish(load(checkpoint, torch.device("cpu"), torch.float32))
    tone = np.sin(np.arange(24_000) / 20).astype(np.float32)
    recorded = system.encode_voice(VoicePrompt(samples=tone, sample_rate=24_000, transcript="你好"))
    return system, system.voice("none"), recorded


def heard(system, voice, options):
    """What leaves: the sound of the chunks, their sizes, and the texts that were written."""
    segments = system.segment(LONG, "zh", options)
    events = list(system.synthesize(segments, voice, options, torch.Generator().manual_seed(1)))
    chunks = [event.samples for event in events if isinstance(event, AudioChunk)]
    texts = [event.text for event in events if isinstance(event, Rewritten)]
    return np.concatenate(chunks), [len(chunk) for chunk in chunks], texts


def both(voiced, case):
    """The option's declaration if it is idle, and what is heard with each of its values."""
    name, of_recording, others, tried = case
    system, speaker, recorded = voiced
    voice = recorded if of_recording else speaker
    options = [parse(Options, {**QUICK, **others, name: value}) for value in tried]
    idle = {option.name for option in unheeded(options[0], SPEC.traits(None, voice))}
    return name in idle, [heard(system, voice, each) for each in options]


def test_every_option_that_needs_something_is_tried():
    assert {case[0] for case in IDLE} == {option.name for option in declared(Options) if option.needs}


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("case", IDLE, ids=lambda case: f"{case[0]} {case[2]}")
def test_an_option_that_is_said_to_be_ignored_changes_nothing(voiced, case):
    idle, (one, two) = both(voiced, case)
    assert idle
    assert one[2] == two[2]
    assert np.array_equal(one[0], two[0])


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("case", COUNTING, ids=lambda case: f"{case[0]} {case[2]}")
def test_an_option_that_counts_changes_something(voiced, case):
    idle, (one, two) = both(voiced, case)
    assert not idle
    assert (one[1], one[2]) != (two[1], two[2]) or not np.array_equal(one[0], two[0])


def test_only_a_checkpoint_whose_speakers_are_known_draws_voices(checkpoint, folder):
    assert SPEC.voicing_of(checkpoint) == dataclasses.replace(SPEC.voicing, presets=False, random=False)
    config = folder / "asset" / "gpt" / "config.json"
    config.write_text(config.read_text().replace('"hidden_size": 64', '"hidden_size": 768'))
    assert SPEC.voicing_of(folder) == SPEC.voicing
