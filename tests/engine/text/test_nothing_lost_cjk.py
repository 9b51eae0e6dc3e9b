"""Japanese, Korean, Thai, Sanskrit and mixed text: whatever it holds is said or reported, over generated lines."""

import random
import re

import pytest

from engine.events import Notice
from engine.systems.vits.cleaners.korean import divide_hangul
from engine.systems.vits.config import TextConfig, symbol_tables
from engine.systems.vits.front_end import VitsFrontEnd
from engine.systems.vits.options import Options
from engine.systems.vits.reader import SymbolReader
from engine.text.normalize_ja import normalize_ja
from engine.text.normalize_ko import normalize_ko
from engine.text.sanitize import sanitize
from engine.text.spoken import in_words
from engine.text.stretches import runs

# Words that no rule knows and no neighbour changes, with what each sounds like.
WORDS = {
    "ja": {"テレビ": "terebi", "バナナ": "banana", "ラジオ": "rajio", "カメラ": "kamera", "ナイフ": "naifu"},
    "ko": {word: divide_hangul(word) for word in ("나무", "바다", "구름", "사과", "모자", "다리미", "고구마")},
    "zh": {"苹果": "ㄆㄧㄥˊㄍㄨㄛˇ", "天空": "ㄊㄧㄢˉㄎㄨㄥˉ", "朋友": "ㄆㄥˊㄧㄡˇ", "咖啡": "ㄎㄚˉㄈㄟˉ"},
    "th": {word: word for word in ("แมว", "บ้าน", "ดอกไม้", "ข้าว")},
    "sa": {word: word for word in ("वनम्", "फलम्", "गजः", "नदी")},
}
CLEANERS = {
    "ja": "japanese_cleaners2",
    "ko": "korean_cleaners",
    "zh": "chinese_cleaners",
    "th": "thai_cleaners",
    "sa": "sanskrit_cleaners",
}
COUNTS = {
    "ja": ["", *"個年月日円分人本回%℃万億歳階番", "kg", "km/h", "m²"],
    "ko": ["", *"개년월일시분원명번살%℃만억층호대~", "kg", "km/h", "m²", "번째", "시간", "개월"],
    "zh": ["", *"个年月日点分元人次%℃万亿岁楼", "kg", "km/h", "m²"],
    "th": ["บาท", "คน", "ปี"],
    "sa": [""],
}
SIGNS = (*"，。！？；：、,.!?;:…—-–~～()（）[]「」『』《》“”'\"*_", "——", "...", " ", "  ", "\n", " / ", " + ", " & ")
FOREIGN = {"ja": "안ก😀ж", "ko": "カก😀漢", "zh": "안カ😀ก", "th": "안カ😀漢", "sa": "안カ😀漢"}
NUMBERS = (
    lambda rng: str(rng.randrange(1, 100)),
    lambda rng: str(rng.randrange(1, 10**7)),
    lambda rng: f"{rng.randrange(1, 1000)}.{rng.randrange(1, 100)}",
    lambda rng: f"{rng.randrange(1, 999)},{rng.randrange(1, 1000):03}",
    lambda rng: f"{rng.randrange(1900, 2100)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}",
    lambda rng: f"{rng.randrange(1, 24)}:{rng.randrange(1, 60):02}",
    lambda rng: f"{rng.randrange(1, 50)}-{rng.randrange(1, 90)}",
    lambda rng: f"{rng.randrange(1, 50)}~{rng.randrange(1, 90)}",
    lambda rng: f"{rng.randrange(1, 20)}/{rng.randrange(1, 20)}",
    lambda rng: f"0{rng.randrange(1, 10**9)}",
    lambda rng: f"010-{rng.randrange(1000, 9999)}-{rng.randrange(1000, 9999)}",
    lambda rng: f"{rng.randrange(1, 20)}.{rng.randrange(1, 20)}.{rng.randrange(1, 20)}",
    lambda rng: f"-{rng.randrange(1, 40)}",
    lambda rng: f"{rng.choice('$₩¥€')}{rng.randrange(1, 10**5)}",
    lambda rng: f"{rng.choice('ABGTVaiv')}{rng.randrange(1, 9999)}",
    lambda rng: "".join(rng.choices("123456789", k=rng.randrange(12, 40))),
)


def front_end(name: str) -> VitsFrontEnd:
    return VitsFrontEnd(SymbolReader(TextConfig(symbols=symbol_tables()[name], cleaners=(name,), add_blank=True)))


FRONT_ENDS = {language: front_end(name) for language, name in CLEANERS.items()}


def line(rng: random.Random, language: str, *, foreign: bool = False) -> tuple[str, list[tuple[str, bool]]]:
    """A line, and its words in order, each with whether a number stands between it and the one before."""
    text, words, has_number = "", [], False
    for _ in range(rng.randrange(2, 7)):
        for _ in range(rng.randrange(3)):
            if rng.random() < 0.5:
                text += f" {rng.choice(NUMBERS)(rng)}{rng.choice(('', rng.choice(COUNTS[language])))} "
                has_number = True
            elif foreign and rng.random() < 0.3:
                text += f" {rng.choice(FOREIGN[language])} "
            else:
                text += rng.choice(SIGNS)
        word = rng.choice(list(WORDS[language]))
        text += f" {word} "
        words.append((word, has_number))
        has_number = False
    return text, words


def said(language: str, text: str) -> tuple[str, str]:
    """The phonemes of a text as they are compared, and what is told of it."""
    front = FRONT_ENDS[language]
    items = list(front.read(front.segment(sanitize(text)[0], language, Options()), Options()))
    told = "".join(str(item.message) for item in items if isinstance(item, Notice))
    phonemes = " ".join(item.phonemes for item in items if not isinstance(item, Notice))
    return (sounds(phonemes) if language == "ja" else phonemes), told


def sounds(phonemes: str) -> str:
    """Without what the words around it change: pitch, and voicing."""
    return re.sub("[↑↓]", "", phonemes).translate(str.maketrans("AIUEO", "aiueo"))


@pytest.mark.parametrize("language", WORDS)
def test_every_word_and_every_number_is_said_in_order(language: str) -> None:
    for seed in range(60 if language == "ja" else 250):
        text, words = line(random.Random(seed), language)
        phonemes, _ = said(language, text)
        at = 0
        for word, has_number in words:
            spelled = WORDS[language][word]
            found = phonemes.find(spelled, at)
            assert found >= 0, (text, phonemes, word)
            assert not has_number or re.search(r"\w", phonemes[at:found]), (text, phonemes, word)
            at = found + len(spelled)


@pytest.mark.parametrize("language", WORDS)
def test_what_has_no_sound_in_the_language_is_told(language: str) -> None:
    for seed in range(20 if language == "ja" else 100):
        text, _ = line(random.Random(1000 + seed), language, foreign=True)
        _, told = said(language, text)
        for character in FOREIGN[language]:
            assert (character in text) == (repr(character) in told), (text, told)


@pytest.mark.parametrize("seed", range(20))
def test_korean_words_stay_no_digit_is_left_and_every_number_counts(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(60):
        text = sanitize(line(rng, "ko")[0])[0]
        words = normalize_ko(text)
        assert not re.search(r"\d", words), (text, words)
        assert normalize_ko(words) == words, text
        for word in WORDS["ko"]:
            assert words.count(word) >= text.count(word), (text, words)
        for group in re.finditer(r"\d+", text):
            # With another number in its place, something else is said.
            other = "".join("7" if digit != "7" else "6" for digit in group[0])
            changed = text[: group.start()] + other + text[group.end() :]
            assert normalize_ko(changed) != words, (text, group[0], words)


def test_digits_of_every_script_and_length_are_said_in_korean() -> None:
    for text in (
        "共1,000.१",
        "٣개",
        f"{'9' * 5000}개",
        f"{'1' * 5000}/{'7' * 5000}년",
        "$" + "1" * 5000,
        "1." + "3" * 999,
    ):
        assert not any(character.isdigit() for character in normalize_ko(text)), text


@pytest.mark.parametrize("seed", range(10))
def test_a_mixed_text_is_in_words_and_in_runs_without_a_loss(seed: int) -> None:
    rng = random.Random(seed)
    languages = ("zh", "ja", "ko", "en", "sa")
    for _ in range(30):
        parts = [line(rng, language)[0] for language in rng.sample(["zh", "ja", "ko", "sa"], 3)]
        text = sanitize("。".join(parts))[0]
        stretches = in_words(text, "en", languages)
        words = "".join(stretch.text for stretch in stretches)
        for language in WORDS:
            for word in WORDS[language]:
                assert words.count(word) >= text.count(word), (text, words, word)
        for stretch in stretches:
            assert "".join(run for _, run in runs(stretch.text, stretch.language, languages)) == stretch.text
            assert {spoken for spoken, _ in runs(stretch.text, stretch.language, languages)} <= set(languages)


def test_japanese_numbers_are_said_as_amounts_or_by_their_digits() -> None:
    for text in ("007", "1,234円", "03-1234-5678", "3.14", "2/3", "12345678901234567890"):
        assert said("ja", normalize_ja(text))[0].strip(".,"), text
