"""What callers send becomes a frozen dataclass, or one clear line on what is wrong with it."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest

from server.body import Items, read
from server.errors import RequestError


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    voice: str = ""
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    name: str = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Body(Named):
    """One field of every kind; the first one has no default."""

    text: str
    seed: int = 0
    speed: float = 1.0
    accept: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    paths: Annotated[tuple[str, ...], Items(most=3, advice="choose fewer")] = ()
    blend: tuple[Part, ...] = ()


def test_every_kind_of_field_is_read_and_the_rest_has_its_default() -> None:
    assert read(Body, {"text": "x"}) == Body(text="x")
    sent = {
        "text": "你好",
        "name": "Ann",
        "seed": 7.0,
        "speed": 2,
        "accept": True,
        "options": {"a": [1, None]},
        "paths": ["a", "b"],
        "blend": [{"weight": 1}, {"voice": "alto", "weight": 0.5}],
    }
    found = read(Body, json.loads(json.dumps(sent)))
    parts = (Part(weight=1.0), Part(voice="alto", weight=0.5))
    expected = Body(
        text="你好", name="Ann", seed=7, speed=2.0, accept=True, options={"a": [1, None]}, paths=("a", "b"), blend=parts
    )
    assert found == expected
    assert (type(found.seed), type(found.speed)) == (int, float)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.text = "y"


def test_a_whole_number_stays_exact() -> None:
    assert read(Body, {"text": "", "seed": 2**62 + 1}).seed == 2**62 + 1


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ([], "the request must be a JSON object, not a list"),
        (None, "the request must be a JSON object, not null"),
        ("x" * 99, f'the request must be a JSON object, not "{"x" * 39}…'),
        ({}, "the request needs the field 'text', a text"),
        ({"text": "x", "txet": 1}, "the request has no field 'txet'; the fields are name, text, seed, "),
        ({"text": "x", "y" * 99: 1}, f"the request has no field '{'y' * 40}'; the fields are "),
        ({"text": 3}, "the text must be a text, not 3"),
        ({"text": None}, "the text must be a text, not null"),
        ({"text": {"a": "b"}}, "the text must be a text, not an object"),
        ({"text": "", "seed": "7"}, 'the seed must be a whole number, not "7"'),
        ({"text": "", "seed": True}, "the seed must be a whole number, not true"),
        ({"text": "", "seed": 1.5}, "the seed must be a whole number, not 1.5"),
        ({"text": "", "speed": False}, "the field 'speed' must be a number, not false"),
        ({"text": "", "speed": float("nan")}, "the field 'speed' must be a number, not NaN"),
        ({"text": "", "speed": float("inf")}, "the field 'speed' must be a number, not Infinity"),
        ({"text": "", "speed": 10**400}, "the field 'speed' must be a number, not 1000"),
        ({"text": "", "accept": 1}, "the field 'accept' must be true or false, not 1"),
        ({"text": "", "options": []}, "the field 'options' must be a JSON object, not a list"),
        ({"text": "", "paths": "a"}, "the field 'paths' must be a list of texts, not \"a\""),
        ({"text": "", "paths": ["a", 2]}, "the field 'paths[1]' must be a text, not 2"),
        ({"text": "", "paths": []}, "the field 'paths' must hold at least 1, not 0"),
        ({"text": "", "paths": ["a"] * 4}, "the field 'paths' must hold at most 3, not 4; choose fewer"),
        ({"text": "", "blend": {}}, "the field 'blend' must be a list of objects, not an object"),
        ({"text": "", "blend": ["alto"]}, "the field 'blend[0]' must be a JSON object, not \"alto\""),
        ({"text": "", "blend": [{}]}, "the field 'blend[0]' needs the field 'weight', a number"),
        (
            {"text": "", "blend": [{"weight": 1, "w": 2}]},
            "the field 'blend[0]' has no field 'w'; the fields are voice,",
        ),
        ({"text": "", "blend": [{"weight": "1"}]}, "the field 'blend[0].weight' must be a number, not \"1\""),
    ],
)
def test_another_shape_is_one_clear_line(body: Any, says: str) -> None:
    with pytest.raises(RequestError) as refused:
        read(Body, body)
    assert str(refused.value).startswith(says)
    assert refused.value.status == 400


def test_what_a_dataclass_refuses_itself_is_passed_on() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Even:
        number: int

        def __post_init__(self) -> None:
            if self.number % 2:
                raise RequestError("the number is odd")

    assert read(Even, {"number": 4}).number == 4
    with pytest.raises(RequestError, match="the number is odd"):
        read(Even, {"number": 3})
