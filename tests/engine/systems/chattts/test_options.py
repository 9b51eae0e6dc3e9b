"""The options are the issue's by name, with the reference's defaults and bounds."""

import pytest

from engine.errors import OptionError
from engine.options import declared, parse, values
from engine.systems.chattts.options import Options

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
    with pytest.raises(OptionError, match=name):
        parse(Options, {name: value})
