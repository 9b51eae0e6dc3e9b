"""Scanning characters, compiled, against plain Python; and which language a text is in."""

import random

import numpy as np

from engine.systems.chattts.characters import code_points, language_of, replaced, spans, to_text

PIECES = ["[", "]", "[uv_break]", "你好", "3", " ", "abc", "。", "?", "！", "[a b]", "é", "😀", "\ud800", "\n", "龘"]


def test_the_language_is_detected_as_by_the_reference(golden_json):
    for vector in golden_json("frontend_vectors")["vectors"]:
        assert language_of(vector["input"]) == vector["detected_lang"]


def test_compiled_spans_equal_a_plain_state_machine():
    rng = random.Random(0)
    for _ in range(500):
        text = "".join(rng.choices(PIECES, k=rng.randrange(12)))
        texts, tags = spans(code_points(text))
        cut = [[text[start:end] for start, end in found.tolist()] for found in (texts, tags)]
        assert cut == list(plain_spans(text))


def plain_spans(text):
    """The reference's rules word by word (docs/systems/chattts.md#the-references-front-end)."""
    texts, tags, current, tag = [], [], "", ""
    for character in text:
        if character == "[":
            texts.append(current)
            current, tag = "", "["
        elif tag:
            tag += character
        else:
            current += character
        if character == "]":
            tags.append(tag)
            tag = ""
    return [*texts, current] if current else texts, tags


def test_a_table_leaves_code_points_beyond_it_alone():
    table = np.arange(128, dtype=np.uint32)
    table[ord("a")] = ord("b")
    assert to_text(replaced(code_points("a😀你a"), table)) == "b😀你b"
