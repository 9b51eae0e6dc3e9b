"""Japanese: words by Open JTalk, whose readings the vectors record, then IPA."""

from types import SimpleNamespace

import pytest

from engine.systems.kokoro.phonemes import japanese
from engine.systems.kokoro.phonemes.pieces import joined
from engine.text.ja import open_jtalk
from tests.engine.systems.kokoro.phonemes.vectors import vectors

MARKS = "、。？！「」…（）"
# Written, said and part of speech, as pyopenjtalk-plus 0.4.1 gives them.
MORE = {
    "食べなかったので": [
        ("食べ", "タベ", "動詞"), ("なかっ", "ナカッ", "助動詞"), ("た", "タ", "助動詞"),
        ("ので", "ノデ", "助詞"),
    ],
    "読んだ本だ": [
        ("読ん", "ヨン", "動詞"), ("だ", "ダ", "助動詞"), ("本", "ホン", "名詞"), ("だ", "ダ", "助動詞"),
    ],
    "楽しいでしょう": [("楽しい", "タノシイ", "形容詞"), ("でしょ", "デショ", "助動詞"), ("う", "ー", "助動詞")],
    "ABC": [("ＡＢＣ", "エイビーシー", "名詞")],
    "あっ": [("あっ", "アッ", "感動詞")],
    "世界から5": [("世界", "セカイ", "名詞"), ("から", "カラ", "助詞"), ("五", "ゴ", "名詞")],
    "PC": [("ＰＣ", "ピーシー", "名詞")],
    "😀": [("😀", "、", "記号")],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each stretch between marks as it was read in its sentence."""
    stretches = dict(MORE)
    for row in vectors("ja"):
        stretch: list[tuple[str, str, str]] = []
        for written, said, part in [*row["openjtalk_pron"], ("。", "", "")]:
            if written in MARKS:
                # A digit comes back as a word.
                stretches["".join(each for each, _, _ in stretch).replace("三", "3")] = stretch
                stretch = []
            else:
                stretch.append((written, said, part))

    def run_frontend(text: str) -> list[dict[str, str]]:
        return [{"string": w, "pron": s, "pos": p} for w, s, p in stretches[text]]

    monkeypatch.setattr(open_jtalk, "_library", lambda: SimpleNamespace(run_frontend=run_frontend))


def read(text: str) -> str:
    return joined(japanese.read(text))[0]


@pytest.mark.parametrize("row", vectors("ja"), ids=lambda row: row["text"])
def test_the_string_is_that_of_the_reference_with_these_readings(row: dict) -> None:
    assert read(row["text"]) == row["phonemes_openjtalk"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("食べなかったので、", "tabenakaʔta node,"),
        ("読んだ本だ。", "jonda hoɴ da."),
        ("楽しいでしょう！", "tanoɕii deɕoː!"),
        ("あっ、世界…", "aʔ, sekai…"),
        ("（PC）", "(pʲiːɕiː)"),
        ("《世界》・世界", "“sekai” sekai"),
        ("世界～5", "sekai kaɾa ɡo"),
        ("世界〜", "sekai—"),
        ("ＡＢＣ", "eibʲiːɕiː"),
    ],
)
def test_marks_and_inflected_words(text: str, said: str) -> None:
    assert read(text) == said


def test_what_has_no_sound_is_silent_and_words_keep_their_writing() -> None:
    pieces = japanese.read("世界。😀")
    assert joined(pieces)[2] == ["😀"]
    assert [word.text for word in joined(pieces)[1]] == ["世界"]
