"""Text made ready to be spoken well: what is said, what is reported, what survives, and how it is cut."""

import random

import pytest

from engine.systems.chattts.characters import ALLOWED, code_points, outside
from engine.systems.chattts.text import close, in_words, pieces, prepare, speaks, texts, with_pauses_between
from engine.systems.chattts.tokens import CONTROLS, STRUCTURE
from engine.text.homophones import homophones
from engine.text.segment import PARAGRAPH_PAUSE_S

SPOKEN = {
    "价格是$19.99,约合138.5元!": "价格是十九点九九美元，约合一百三十八点五元。",
    "Don't stop — it's 3:30 p.m.": "Do not stop, its three thirty PM.",
    "What is [uv_break]your favorite english food?[laugh][lbreak]": (
        "What is [uv_break]your favorite english food. [laugh][lbreak]"
    ),
    "你好[UV_BREAK]世界！": "你好[uv_break]世界。",
    "café naïve": "cafe naive",
    "他说：“你好。”她说（轻声）：‘嗯……’": "他说，你好。她说，轻声，嗯。",
    "[ hello": "hello",
    "line 1\nline 2": "line one line two",
    "a-b_c well-known": "a b c well known",
    "": "",
    "?!": "",
}


@pytest.mark.parametrize("text", SPOKEN)
def test_a_text_is_written_as_it_is_spoken(text):
    assert prepare(text).text == SPOKEN[text]


RESPELLED = {
    "你好[uvbreak]世界": "你好[uv_break]世界",
    "你好[uv_break ]世界": "你好[uv_break]世界",
    "你好[ uv break ]世界": "你好[uv_break]世界",
    "你好[UV-BREAK]世界": "你好[uv_break]世界",
    "你好［laugh］世界": "你好[laugh]世界",
    "你好[laugh ]世界": "你好[laugh]世界",
    "你好[Laugh 1]世界": "你好[laugh_1]世界",
    "你好[speed05]世界[L-Break]": "你好[speed_5]世界[lbreak]",
    "你好【laugh】世界": "你好[laugh]世界",
}


@pytest.mark.parametrize("text", RESPELLED)
def test_a_control_token_in_another_spelling_is_the_token(text):
    assert prepare(text).text == RESPELLED[text]
    assert [piece.text for piece in pieces(text, "zh")] == [RESPELLED[text]]
    assert in_words(text, "zh") == RESPELLED[text]


def test_a_level_that_there_is_not_is_left_out_and_told():
    assert in_words("你好[laugh_7]世界[speed 12]啊") == "你好[laugh_7]世界[speed_12]啊"
    assert prepare("你好[laugh_7]世界[speed 12]啊").left_out == ("[laugh_7]", "[speed_12]")
    assert prepare("你好[laugh_7]世界").text == "你好 世界"
    assert prepare("你好[注意]看[abc]").text == "你好，注意，看，abc，"


def test_every_control_token_of_the_user_survives():
    text = "".join(f"你好{token}" for token in CONTROLS)
    assert prepare(text).text == text


def test_tokens_that_structure_prompts_are_left_out_and_reported():
    prepared = prepare("a" + "".join(STRUCTURE) + "b")
    assert prepared.text == "a b"
    assert prepared.left_out == STRUCTURE


def test_what_has_a_sound_but_cannot_be_read_is_reported_once():
    prepared = prepare("カカ한 Я你好")
    assert prepared.text == "你好"
    assert prepared.left_out == ("カ", "한", "Я")


def test_marks_without_a_sound_are_not_reported():
    assert prepare("“你好”……《书》—— (ok) 'x'").left_out == ()


def test_rare_characters_are_replaced_and_unknown_ones_reported():
    assert prepare("犇羴鱻", homophones=homophones()).text == "奔山先"
    assert prepare("犇你", characters={"你"}) == prepare("犇你", characters={"你"}, homophones={})
    assert prepare("犇你", characters={"你"}).left_out == ("犇",)


def test_without_words_digits_are_deleted_as_by_the_reference_but_reported():
    prepared = prepare("我有3个苹果！", words=False)
    assert prepared.text == "我有个苹果。"
    assert prepared.left_out == ("3",)


def test_any_text_becomes_one_that_the_model_can_read():
    rng = random.Random(0)
    atoms = [*"[]你好3aé😀。.?！-'\"\n\t$%\u200b\ud800", "[uv_break]", "[laugh", "[Ptts]", "ß", "①", "한"]
    for _ in range(300):
        prepared = prepare("".join(rng.choices(atoms, k=rng.randrange(1, 12))))
        bare = prepared.text
        for token in CONTROLS:
            bare = bare.replace(token, "")
        assert not outside(code_points(bare), ALLOWED).any()
        assert prepare(prepared.text).left_out == ()


def test_what_has_been_prepared_stays_as_it_is():
    rng = random.Random(2)
    atoms = [
        *"你好世界abI'm 3é。.?！-'\"%$￥≈=，,、；:()",
        "[uv_break]",
        "[laugh]",
        " hello ",
        " 12:30 ",
        "2024年",
        "don't",
    ]
    for _ in range(150):
        prepared = prepare("".join(rng.choices(atoms, k=rng.randrange(1, 12)))).text
        assert prepare(prepared).text == prepared


def test_an_open_end_is_closed_with_a_mark_and_a_long_break():
    assert close("好") == "好。[lbreak]"
    assert close("yes") == "yes.[lbreak]"
    assert close("好。") == "好。[lbreak]"
    assert close("好[laugh]") == "好[laugh][lbreak]"
    for closed in ("好[lbreak]", "好[uv_break]。", "[laugh]", ""):
        assert close(closed) == closed


def test_tokens_and_marks_alone_are_no_speech():
    assert speaks("好")
    assert speaks("[laugh] a")
    assert not speaks("[laugh]。,")


def test_short_sentences_are_spoken_with_a_neighbour_but_not_across_paragraphs():
    cut = pieces("今天天气很好。我们去吃饭吧，好不好？好。嗯。\n第二段。")
    assert [piece.text for piece in cut] == ["今天天气很好。我们去吃饭吧，好不好？好。嗯。", "第二段。"]
    assert [piece.pause_s for piece in cut] == [PARAGRAPH_PAUSE_S, 0.0]


def test_every_mark_that_ends_a_sentence_ends_a_piece():
    long = "今天的天气真是非常非常好"
    assert [piece.text for piece in pieces(f"{long}！{long}？{long}。")] == [f"{long}！", f"{long}？", f"{long}。"]


def test_no_piece_is_long_and_none_is_lost():
    text = "，".join(["今天的天气真是非常非常好"] * 40)
    cut = pieces(text)
    assert max(len(piece.text) for piece in cut) <= 80
    assert "".join(piece.text for piece in cut) == text


def test_an_address_or_a_name_in_chinese_is_not_cut():
    text = "请访问https://www.github.com/2noise/ChatTTS?tab=readme#top或发邮件到bob_smith@mail.example.org。" * 2
    cut = "|".join(piece.text for piece in pieces(text))
    assert cut.count("bob_smith@mail.example.org") == cut.count("https://www.github.com/2noise/ChatTTS?tab=") == 2
    assert pieces("NASA的James Webb望远镜在那一年的十二月二十五日终于发射上天了")[0].text.endswith("了")


def test_spaces_between_characters_do_no_harm():
    spaced, closed = "你 好 [uv_break] 世 界 ， hello there 。 好 吧", "你好 [uv_break] 世界， hello there 。好吧"
    assert [piece.text for piece in pieces(spaced)] == [closed]


def test_lines_of_dashes_separate_texts():
    assert texts("a\n---\nb c\n --- \nd---e") == ["a", "b c", "d---e"]
    row = with_pauses_between([pieces("一二三四五。"), [], pieces("a b c d e.")])
    assert [piece.pause_s for piece in row] == [PARAGRAPH_PAUSE_S, 0.0]
