"""The tokenizer and the prompts by their goldens."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from engine.errors import WeightsMismatch
from engine.systems.chattts.networks.embed import lay_out
from engine.systems.chattts.releases import PUBLISHED
from engine.systems.chattts.tokenizer import Tokenizer, code_prompts, levels, refine_prompt, speed

GOLDENS = Path(__file__).parents[3] / "goldens" / "chattts"
VOCABULARY = "45bbac6b341c319adc98a532532882e91a9cefc0329aa57bac9ae761c27b291c"
TEXTS = ("你好，世界。", "hello world, this is a test", "今天天气很好")
SAMPLE = "这是一段样本"


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer(GOLDENS / "tokenizer" / "tokenizer.json")


def test_texts_become_the_published_ids_and_come_back(tokenizer, golden_json):
    vectors = golden_json("tokenizer_vectors")["vectors"]
    assert len(vectors) == 79
    for vector in vectors:
        if "error" not in vector:
            assert tokenizer.encode(vector["input"]) == vector["ids"]
            assert tokenizer.decode(vector["ids"]) == vector["decoded"]


def test_an_emoji_in_two_halves_is_unknown_where_the_reference_fails(tokenizer, golden_json):
    """It came as two lone surrogates, which a reader of JSON joins to one character."""
    (vector,) = (vector for vector in golden_json("tokenizer_vectors")["vectors"] if "error" in vector)
    unknown = tokenizer.encode("[UNK]")
    assert tokenizer.encode(vector["input"]) == unknown
    assert tokenizer.encode("\ud83d" + "\ude00") == tokenizer.encode("??")


def test_the_file_is_the_published_one_with_the_published_vocabulary():
    data = (GOLDENS / "tokenizer" / "tokenizer.json").read_bytes()
    assert hashlib.sha256(data).hexdigest() == PUBLISHED["asset/tokenizer/tokenizer.json"]
    vocabulary = json.loads(data)["model"]["vocab"]
    lines = "".join(f"{piece}\n" for piece in sorted(vocabulary, key=vocabulary.get))
    assert hashlib.sha256(lines.encode()).hexdigest() == VOCABULARY


def test_the_special_tokens_have_the_published_ids(tokenizer, golden_json):
    published = golden_json("tokenizer_vectors")
    assert tokenizer.size == published["len"] == 21178
    assert tokenizer.speaker == published["spk_emb_ids"]
    assert tokenizer.end_of_text == published["eos_token"]


def test_a_long_text_is_neither_cut_nor_filled_up(tokenizer):
    assert len(tokenizer.encode("好" * 300)) == 300
    assert len(tokenizer.encode("好")) == 1


def test_lone_surrogates_are_read_as_something(tokenizer):
    assert tokenizer.encode("a\ud800b") == tokenizer.encode("a?b")


def test_the_refined_text_loses_the_levels_of_its_prompt(tokenizer):
    assert tokenizer.decode_refined(tokenizer.encode("你好[uv_break][oral_2]hi")) == "你 好 [uv_break] hi"
    with np.load(GOLDENS / "generate_text_seeded.npz") as golden:
        rows = [golden[f"ids_{row}"].reshape(-1).tolist() for row in range(2)]
        assert [tokenizer.decode_refined(row) for row in rows] == golden["decoded"].tolist()


def test_refining_prompts_are_laid_out_as_by_the_reference(tokenizer, golden_json):
    case = golden_json("e2e_cases")["cases"]["e2e_refine"]
    prompts = [refine_prompt(text, case["refine"]["prompt"]) for text in case["texts"]]
    with np.load(GOLDENS / "generate_text_seeded.npz") as golden:
        assert prompts == golden["decorated"].tolist()
        laid = lay_out([tokenizer.encode(prompt) for prompt in prompts], 1)
        assert np.array_equal(laid.ids[..., 0].numpy(), golden["input_ids"])
        assert np.array_equal(laid.visible.numpy(), golden["attention_mask"].astype(bool))


@pytest.mark.parametrize(
    ("name", "prompt", "speaker", "transcript", "count"),
    [
        ("plain", "[speed_5]", False, "", 3),
        ("spk", "[speed_5]", True, "", 3),
        ("smp", "[speed_3]", False, SAMPLE, 3),
        ("both", "", True, SAMPLE, 1),
    ],
)
def test_prompts_are_laid_out_as_by_the_reference(tokenizer, name, prompt, speaker, transcript, count):
    prompts = code_prompts(TEXTS[:count], prompt, has_speaker=speaker, transcript=transcript)
    with np.load(GOLDENS / f"embed_{name}.npz") as golden:
        assert prompts == golden["decorated"].tolist()
        text_columns = int(golden["text_mask"].any(0).sum())
        laid = lay_out([tokenizer.encode(text) for text in prompts], 4)
        assert np.array_equal(laid.ids.numpy(), golden["input_ids"][:, :text_columns])
        assert np.array_equal(laid.visible.numpy(), golden["attention_mask"][:, :text_columns].astype(bool))


def test_structure_in_the_users_text_is_removed_from_prompts():
    assert code_prompts([" [Stts]a[spk_emb][empty_spk] "], "", has_speaker=True) == ["[Stts][spk_emb]a[Ptts]"]


def test_prompts_are_built_from_levels():
    assert refine_prompt("好", levels(2, 0, 6)) == "[Sbreak]好[Pbreak][oral_2][laugh_0][break_6]"
    assert levels(-1, -1, -1) == ""
    assert speed(5, "") == "[speed_5]"
    assert speed(5, "[oral_1]") == "[speed_5][oral_1]"
    assert speed(5, "[speed_9]") == "[speed_9]"
    assert speed(-1, "") == ""


def test_the_model_knows_common_characters_as_tokens_of_their_own(tokenizer):
    assert set("你好abc。") <= tokenizer.characters
    assert "龘" not in tokenizer.characters


@pytest.mark.parametrize("content", ["", "{}", '{"version": "1.0"}', "<html>"])
def test_a_file_that_is_no_tokenizer_is_refused_in_one_line(tmp_path, content):
    path = tmp_path / "tokenizer.json"
    path.write_text(content)
    with pytest.raises(WeightsMismatch) as caught:
        Tokenizer(path)
    assert "\n" not in str(caught.value)


def test_a_tokenizer_without_the_tokens_of_chattts_is_refused(tmp_path):
    from tokenizers import Tokenizer as WordPieces
    from tokenizers.models import WordPiece

    WordPieces(WordPiece({"[UNK]": 0}, unk_token="[UNK]")).save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(WeightsMismatch, match=r"lacks \[Sasr\]"):
        Tokenizer(tmp_path / "tokenizer.json")
