"""What of a Japanese text Open JTalk could not say by itself."""

import pytest

from engine.text.ja.open_jtalk import phonemes
from engine.text.normalize_ja import normalize_ja

# Everyday lines, and the phonemes that Open JTalk has for them with its own dictionary.
SPOKEN = {
    "今日は2024年3月14日です。": "kyoowaniseNnijuuyoneNsaNgatsujuuyoclkadesU",
    "3:30に駅で会いましょう。": "saNjisaNjuclpuNniekideaimashoo",
    "9:05発の電車に乗ります。": "kujigofuNhatsunodeNshaninorimasU",
    "りんごを3個とみかんを12個ください。": "riNgoosaNkotomikaNojuunikokudasai",
    "コーヒーが2杯で950円です。": "koohiiganihaidekyuuhyakugojuueNdesU",
    "電話番号は090-1234-5678です。": "deNwabaNgoowazerokyuuzeroichiniisaNyoNgoorokunanahachidesU",
    "価格は¥15,000、送料は$12.50です。": "kakakuwaichimaNgoseNeNsooryoowajuunidorugojuclseNtodesU",
    "気温は-5℃から25℃です。": "kioNwamainasugodokaranijuugododesU",
    "約400.5kmです。": "yakuyoNhyakUteNgookiromeetorudesU",
    "80km/hで走る。": "jisokUhachijuclkiromeetorudehashiru",
    "人口は1億2,500万人です。": "jiNkoowaichiokuniseNgohyakumaNniNdesU",
    "確率は3/4です。": "kakuritsuwayoNbuNnosaNdesU",
    "消費税は10%です。": "shoohizeewajuclpaaseNtodesU",
    "20〜30分かかります。": "nijuukarasaNjuclpuNkakarimasU",
    "第3回大会で1位でした。": "daisaNkaitaikaideichiideshIta",
    "2人で行って1人で帰る。": "fUtarideicltehItoridekaeru",
    "4月1日と9月9日と20日": "shigatsutsuitachitokugatsUkokonokatohatsUka",
    "5階の501号室です。": "gokainogoomaruichigooshItsudesU",
    "3-2で勝った。": "saNtainidekaclta",
    "9:00～18:00です。": "kujikarajuuhachijidesU",
    "110番に電話した。": "hyakUtoobaNnideNwashIta",
    "A4用紙100枚": "eeyoNyooshIhyakumai",
    "7本と8本と10本": "nanahoNtohaclpoNtojuclpoN",
    "1匹と3匹": "iclpIkitosaNbiki",
    "300円と600円と800円": "saNbyakueNtoroclpyakueNtohaclpyakueN",
    "24歳と20歳": "nijuuyoNsaitonijuclsai",
    "0.5秒": "zeroteNgoobyoo",
    "2GBのメモリ": "nigigabaitonomemori",
    "3つと5つ": "micltsutoitsutsu",
    "1泊2日の旅": "iclpakufUtsukanotabi",
}


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
        ("¥1,234と$5.50", "1234円と5ドル50セント"),
        ("$0.99、$0.00、€3.5", "99セント、0ドル、3テンゴーユーロ"),
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
        ("気温は-5℃", "気温はマイナス5度"),
        ("気温-5度", "気温マイナス5度"),
        ("3-2で勝った", "3対2で勝った"),
        ("3-5人", "3から5人"),
        ("千代田区1-2-3", "千代田区1の2の3"),
        ("〒100-0001", "郵便番号イチゼロゼロのゼロゼロゼロイチ"),
        ("80km/h", "時速80キロメートル"),
        ("時速80km/hで走る", "時速80キロメートルで走る"),
        ("3:30 PMに", "午後3時30分に"),
    ],
)
def test_it_is_in_words(text: str, said: str) -> None:
    assert normalize_ja(text) == said
    assert normalize_ja(said) == said


def test_white_space_around_it_stays() -> None:
    assert normalize_ja(" \n%\n ") == " \nパーセント\n "
    assert normalize_ja("  ") == "  "


@pytest.mark.parametrize("line", SPOKEN)
def test_everyday_lines_sound_as_they_should(line: str) -> None:
    spoken = phonemes(normalize_ja(line))
    assert "".join(each.name for each in spoken if not each.is_pause) == SPOKEN[line]
