"""Which languages a text is in, and what of it a voice cannot read."""

import random
import subprocess
import sys

import pytest

from engine.errors import TextError
from engine.text.latin import language_of
from engine.text.script import mismatch, remarks, survey
from tests.timing import in_proportion, seconds

TEXTS = {
    "zh": ("你好，世界。", "今天天气真好", "東京", "我有３個蘋果", "优の良品很好吃"),
    "ja": ("今日は良い天気です。", "カタカナ", "ありがとうございます", "東京\nこれは東京です", "ｶﾀｶﾅです"),
    "ko": ("안녕하세요, 세계!", "오늘 날씨가 좋아요", "大韓民國 만세 안녕하세요"),
    "ar": ("مرحبا بالعالم", "كيف حالك اليوم"),
    "fa": ("سلام، حال شما چطور است؟ چه خبر",),
    "he": ("שלום עולם",),
    "ru": ("Привет, мир!", "Как дела?"),
    "uk": ("Привіт, світ", "Доброго ранку, як ти?\nЇжак"),
    "el": ("Καλημέρα κόσμε",),
    "hi": ("नमस्ते दुनिया",),
    "th": ("สวัสดีชาวโลก",),
    "ka": ("გამარჯობა",),
    "hy": ("Բարև աշխարհ",),
    "ta": ("வணக்கம் உலகம்",),
    "am": ("ሰላም ዓለም",),
    "de": ("Guten Morgen", "Das Wetter ist heute sehr schön.", "Ich möchte gern ein Bier, bitte.", "das ist ja toll"),
    "fr": ("Bonjour tout le monde", "Le chat est sur la table", "Je voudrais un café, s'il vous plaît."),
    "es": ("Buenos días", "El gato duerme en la cama.", "¿Dónde está la biblioteca?"),
    "it": ("Il gatto dorme sul letto.", "Oggi il tempo è molto bello."),
    "pt": ("Bom dia a todos", "O tempo está muito bom hoje, não é?"),
    "nl": ("Het weer is vandaag erg mooi.",),
    "sv": ("Det är en vacker dag, och jag vill inte gå.",),
    "fi": ("Se on kaunis päivä",),
    "pl": ("Dzień dobry", "Pogoda jest dziś bardzo ładna."),
    "tr": ("Bugün hava çok güzel.",),
    "vi": ("Hôm nay trời rất đẹp.",),
    "la": ("Lorem ipsum dolor sit amet, consectetur adipiscing elit",),
}
ENGLISH = (
    "Hello there!",
    "My friend Jürgen lives in München.",
    "Let's eat at Le Petit Bistro tonight.",
    'She said "je ne regrette rien" and left.',
    "The café's naïve résumé was déjà vu.",
    "Dr. Smith went to Rio de Janeiro with Señor González and El Niño.",
    "Jürgen Müller",
    "Jean-Luc Picard",
    "François Hollande, Angela Merkel",
    "Bonjour",
    "CPU GPU RAM",
    "iPhone 15 Pro Max",
    "lol brb omg",
    "kinda gonna wanna dunno",
    "Red apples, green pears, ripe bananas.",
    "Supercalifragilisticexpialidocious",
    "Kubernetes pods crashloop when kubelet misconfigures cgroups",
    "Twas brillig, and the slithy toves did gyre and gimble in the wabe",
    "don't can't won't I'm you're",
    "π ≈ 3.14, α and β",
    "[laugh] ok [uv_break]",
    "See https://beispiel.de/das-ist-eine-seite and mail to ich@beispiel.de.",
    "5 km, 3 kg, GPT-4",
    "colour favourite organise",
    "Schadenfreude and Zeitgeist are words of German.",
    "He ordered a cappuccino and a croissant.",
)


@pytest.mark.parametrize(("language", "text"), [(code, text) for code, texts in TEXTS.items() for text in texts])
def test_a_text_is_in_its_language(language, text):
    found = survey(text)
    assert found[0].language == language
    assert len(found) == 1


@pytest.mark.parametrize("text", ENGLISH)
def test_names_loan_words_quotations_and_jargon_raise_no_alarm(text):
    assert mismatch(text, ("en",)) == ()
    assert remarks(text, "Ada", ("en",)) == []


@pytest.mark.parametrize("text", ["", " ", "123", "!?", "😀", "[laugh]", "3.14 + 2"])
def test_what_has_no_letters_of_a_language_raises_no_alarm(text):
    assert remarks(text, "Ada", ("en",)) == []
    assert remarks(text, "小明", ("zh",)) == [] or text == "[laugh]"


def test_the_letters_of_each_language_are_counted_and_found():
    text = "Call 北京 now, 안녕 and 上海!"
    by_language = {found.language: found for found in survey(text)}
    assert {code: found.letters for code, found in by_language.items()} == {"en": 10, "zh": 4, "ko": 2}
    assert [text[start:end] for start, end in by_language["zh"].spans] == ["北京", "上海"]
    assert [found.language for found in mismatch(text, ("en",))] == ["zh", "ko"]


def test_it_is_told_in_words():
    assert remarks("I love 北京 a lot.", "Ada", ("en",)) == ["Ada speaks English; 2 characters are Chinese"]
    assert remarks("One 字 only", "Ada", ("en",)) == ["Ada speaks English; 1 character is Chinese"]
    assert remarks("你好。Привет!", "ChatTTS", ("zh", "en")) == [
        "ChatTTS speaks Chinese and English; 6 characters are Russian"
    ]
    assert remarks("Das ist ein sehr schöner Tag.", "Ada", ("en",)) == ["Ada speaks English; the text looks German"]


def test_where_nothing_readable_is_left_it_is_an_error():
    with pytest.raises(TextError, match=r"Ada speaks English, and the text is Chinese; choose another system"):
        remarks("你好，世界。", "Ada", ("en",))
    with pytest.raises(TextError, match="Japanese"):
        remarks("今日は良い天気です。", "ChatTTS", ("zh", "en"))
    assert remarks("你好 123", "Ada", ("en",)) == ["Ada speaks English; 2 characters are Chinese"]


def test_a_system_without_languages_reads_all_and_one_of_german_is_not_told_of_english():
    assert mismatch("你好 hello", ()) == ()
    assert mismatch("Hello there, my friend", ("de",)) == ()
    assert [found.language for found in mismatch("Hello there, my friend", ("zh",))] == ["en"]
    assert mismatch("你好", ("zh-CN",)) == ()


def test_a_paragraph_of_another_language_within_a_text_is_told():
    text = "This is the first paragraph of the story.\nUnd hier kommt der zweite Absatz, der nicht auf Englisch ist.\n"
    assert remarks(text, "Ada", ("en",)) == ["Ada speaks English; the text looks German"]


@pytest.mark.parametrize(
    "piece", ["你", "a", "a ", "のa", "é", "‮a", "가", "aб", "'a", "a.", "\n", "1", "😀", "[", "а́", "a@", "der ", "你\n"]
)
def test_long_and_odd_texts_take_linear_time(piece):
    def cost(length):
        return seconds(survey, piece * (length // len(piece)))

    assert in_proportion(cost, short=20_000, long=80_000, floor_s=0.02)


def test_no_text_is_refused_by_accident():
    rng = random.Random(0)
    for _ in range(300):
        text = "".join(chr(rng.choice((rng.randrange(0x250), rng.randrange(0x20000), 0xD800))) for _ in range(40))
        found = survey(text)
        assert sum(part.letters for part in found) <= len(text)
        for part in found:
            assert all(0 <= start < end <= len(text) for start, end in part.spans)
        language_of(text)


def test_the_dictionary_is_not_opened_before_it_is_needed():
    code = "import sys; from engine.text.script import survey; survey('你好'); sys.exit('simplemma' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_letters_of_a_formula_are_no_words_of_a_language() -> None:
    assert remarks("10^6 is a million; x² + y² = z².", "Ada", ("en",)) == []


def test_chinese_characters_alone_may_be_japanese_to_who_speaks_that_and_simplified_ones_are_not() -> None:
    assert mismatch("東京都", ("ja",)) == ()
    assert [found.language for found in mismatch("东京都", ("ja",))] == ["zh"]
    assert [found.language for found in mismatch("東京都", ("ko",))] == ["zh"]
    assert mismatch("नमस्ते", ("sa",)) == ()
    assert [found.language for found in mismatch("नमस्ते", ("en",))] == ["hi"]
