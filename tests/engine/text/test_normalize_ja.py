"""What of a Japanese text Open JTalk could not say by itself."""

import pytest

from engine.text.normalize_ja import normalize_ja


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2023/9/10に", "2023年9月10日に"),
        ("9/10の朝", "9月10日の朝"),
        ("1/2の確率", "2分の1の確率"),
        ("10:30に", "10時30分に"),
        ("10:00に", "10時に"),
        ("1:02:03", "1時2分3秒"),
        ("3.14です", "3テンイチヨンです"),
        ("v1.2.3", "vイチテンニーテンサン"),
        ("¥1,234と$5.50", "1234円と5テンゴーゼロドル"),
        ("¥3億", "3億円"),
        ("100％です", "100パーセントです"),
        ("５０ｋｍ", "50ｋｍ"),
        ("50km走った", "50キロメートル走った"),
        ("5 kg", "5キログラム"),
        ("25℃", "25度"),
        ("-5度", "マイナス5度"),
        ("10〜20人", "10から20人"),
        ("03-1234-5678", "ゼロサン、イチニーサンヨン、ゴーロクナナハチ"),
        ("007", "ゼロゼロナナ"),
        (
            "12345678901234567890",
            "イチニーサンヨンゴーロクナナハチキューゼロイチニーサンヨンゴーロクナナハチキューゼロ",
        ),
        ("A&B", "AアンドB"),
        ("a@b.jp", "aアットマークbドットjp"),
        ("こんにちは、世界。", "こんにちは、世界。"),
        ("30:70", "30対70"),
        ("13/45", "45分の13"),
    ],
)
def test_it_is_in_words(text: str, said: str) -> None:
    assert normalize_ja(text) == said
    assert normalize_ja(said) == said


def test_white_space_around_it_stays() -> None:
    assert normalize_ja(" \n%\n ") == " \nパーセント\n "
    assert normalize_ja("  ") == "  "
