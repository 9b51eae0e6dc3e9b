"""The reference's front end by its goldens: normalising, tags, splitting."""

import json
import random

import numpy as np
import pytest

from engine.systems.chattts.characters import code_points, outside, replaced, spans, to_text
from engine.systems.chattts.compat import ALLOWED, clean, language_of, map_text, split_pieces
from engine.text.homophones import read_table

TOYS = {"zh": lambda text: text.replace("3", "三").replace("%", "百分号"), "en": str.upper}
SETTINGS = {
    "plain": {},
    "no_tn": {"normalize": False},
    "lang_zh": {"language": "zh"},
    "lang_en": {"language": "en"},
    "with_registered": {"normalizers": TOYS},
}
PIECES = ["[", "]", "[uv_break]", "你好", "3", " ", "abc", "。", "?", "！", "[a b]", "é", "😀", "\ud800", "\n", "龘"]


@pytest.mark.parametrize("setting", SETTINGS)
def test_text_is_normalised_as_by_the_reference(golden_json, setting):
    vectors = golden_json("frontend_vectors")["vectors"]
    assert len(vectors) == 77
    for vector in vectors:
        # Where the reference raised, there is nothing to equal.
        if isinstance(vector[setting], str):
            assert clean(vector["input"], **SETTINGS[setting]) == vector[setting]


def test_an_empty_text_with_a_normaliser_stays_empty_where_the_reference_fails(golden_json):
    failing = [v["input"] for v in golden_json("frontend_vectors")["vectors"] if isinstance(v["with_registered"], dict)]
    assert failing == [""]
    assert clean("", normalizers=TOYS) == ""


def test_the_language_is_detected_as_by_the_reference(golden_json):
    for vector in golden_json("frontend_vectors")["vectors"]:
        assert language_of(vector["input"]) == vector["detected_lang"]


# Of the published table, which is not ours to ship, only the pairs that its published outputs show.
SHOWN = {
    "體": "体", "測": "册", "試": "是", "這": "这", "個": "个", "軟": "软", "犇": "奔", "羴": "山", "鱻": "先",
    "圪": "歌", "旯": "啦",
}  # fmt: skip


def test_homophones_of_a_users_file_are_replaced_as_by_the_reference(golden_json, tmp_path):
    """The file has the reference's form; the vectors say what must change, and, in most of them, what must not."""
    (tmp_path / "homophones_map.json").write_text(json.dumps(SHOWN), encoding="utf-8")
    table = read_table(tmp_path / "homophones_map.json")
    vectors = golden_json("frontend_vectors")["vectors"]
    changed = [vector["input"] for vector in vectors if vector["homophones_public_map"] != vector["plain"]]
    assert len(changed) == 4
    for vector in vectors:
        if isinstance(vector["homophones_public_map"], str):
            assert clean(vector["input"], homophones=table) == vector["homophones_public_map"]


def test_lone_surrogates_are_deleted_where_the_reference_fails(golden_json):
    """Its emoji came as two of them, which a reader of JSON joins to one character."""
    (vector,) = (v for v in golden_json("frontend_vectors")["vectors"] if not v["utf16_ok"])
    assert "error" in vector["homophones_public_map"]
    for text in (vector["input"], "\ud83d" + "\ude00"):
        for setting, arguments in SETTINGS.items():
            assert clean(text, **arguments) == vector[setting] == ""
        assert clean(text, homophones=SHOWN) == ""


def test_homophones_are_replaced_once_and_not_twice():
    assert clean("甲乙", homophones={"甲": "乙", "乙": "丙"}) == "乙丙"


def test_text_is_split_as_by_the_reference(golden_json):
    for vector in golden_json("split_vectors"):
        assert split_pieces(vector["input"]) == vector["output"]


def test_compiled_spans_equal_a_plain_state_machine():
    rng = random.Random(0)
    for _ in range(500):
        text = "".join(rng.choices(PIECES, k=rng.randrange(12)))
        texts, tags = spans(code_points(text))
        cut = [[text[start:end] for start, end in found.tolist()] for found in (texts, tags)]
        assert cut == list(plain_spans(text))


def plain_spans(text):
    """Section 4.3 of the specification word by word."""
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


def test_any_text_comes_through_and_holds_only_what_may_be_spoken():
    rng = random.Random(1)
    for _ in range(500):
        text = "".join(rng.choices(PIECES, k=rng.randrange(12))).replace("[", "").replace("]", "")
        assert not outside(code_points(clean(text)), ALLOWED).any()


def test_tags_survive_and_texts_between_them_are_changed():
    assert map_text("a[uv_break]b[laugh]", str.upper) == "A[uv_break]B[laugh]"


def test_a_table_leaves_code_points_beyond_it_alone():
    table = np.arange(128, dtype=np.uint32)
    table[ord("a")] = ord("b")
    assert to_text(replaced(code_points("a😀你a"), table)) == "b😀你b"
