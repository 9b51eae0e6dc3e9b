"""The reference's front end by its goldens: normalising, tags, splitting. Its way to sound: test_end_to_end.py."""

import json
import random

import pytest

from engine.systems.chattts.characters import ALLOWED, code_points, outside
from engine.systems.chattts.compat import clean, map_text, split_pieces
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


def test_any_text_comes_through_and_holds_only_what_may_be_spoken():
    rng = random.Random(1)
    for _ in range(500):
        text = "".join(rng.choices(PIECES, k=rng.randrange(12))).replace("[", "").replace("]", "")
        assert not outside(code_points(clean(text)), ALLOWED).any()


def test_tags_survive_and_texts_between_them_are_changed():
    assert map_text("a[uv_break]b[laugh]", str.upper) == "A[uv_break]B[laugh]"
