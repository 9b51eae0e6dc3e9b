"""Text to phonemes to ids: the reference's vectors, what ours puts in words first, and the other kinds of voices."""

import json
import re
import unicodedata

import numpy as np
import pytest

from engine.errors import ConfigError, TextError
from engine.events import Notice
from engine.systems.vits import SPEC
from engine.systems.vits.front_end import front_end
from engine.systems.vits.layouts.piper.voice import read_voice
from engine.systems.vits.options import Options
from engine.systems.vits.speaking import Synthesizer
from tests.engine.reading import TEXTS, compare

COMPAT, CLEANED = Options(compat=True), Options(cleaned=True)
AS_IT_IS = Options(cleaned=True, compat=True)


def reads(path, text, options=None):
    """The segments of a text as they are given to the network."""
    front = front_end(path)
    options = options or Options()
    return [each for each in front.read(front.segment(text, "en", options), options) if not isinstance(each, Notice)]


def said(path, text, options=None):
    return [each.phonemes for each in reads(path, text, options)]


@pytest.fixture
def speaking(own, told):
    """A voice of another language, by its espeak voice, with the newest table of symbols."""
    table = {symbol: [ids] if isinstance(ids, int) else ids for symbol, ids in told("default_phoneme_id_map").items()}
    return lambda espeak, **changes: own(phoneme_id_map=table, espeak={"voice": espeak}, **changes)


def test_phonemes_become_the_ids_of_the_reference(voice, speaking, told):
    vectors = told("text_ids")
    for path, entries in ((voice("tiny-x_low"), vectors["english"]), (speaking("de"), vectors["other"])):
        encoder = front_end(path).encoder
        for entry in entries:
            for sentence in entry["sentences"]:
                assert list(encoder.encode("".join(sentence["phonemes"])).ids) == sentence["ids"], entry["text"]


def alike(phonemes):
    """Less what newer versions of espeak-ng write otherwise."""
    return phonemes.replace("ʲ", "").replace("oːɹ", "ɔːɹ")


def test_text_is_read_as_the_reference_reads_it(voice, speaking, told):
    vectors = told("text_ids")
    for entries, least in ((vectors["english"], 1.0), (vectors["other"], 0.75)):
        equal = total = 0
        for entry in entries:
            path = voice("tiny-x_low") if entries is vectors["english"] else speaking(entry["voice"])
            try:
                ours = said(path, entry["text"], COMPAT)
            except TextError:
                ours = []
            theirs = ["".join(sentence["phonemes"]) for sentence in entry["sentences"]]
            # What has no symbol is told apart from the rest, and not said.
            theirs = [phonemes.replace("\u200d", "") for phonemes in theirs]
            total += 1
            equal += list(map(alike, ours)) == list(map(alike, theirs))
        assert equal >= least * total, (equal, total)


def test_ours_puts_text_in_words_and_says_a_sentence_at_once(voice):
    path = voice("tiny-x_low")
    text = "Dr. Smith paid $3.50. Mr. Jones, e.g., did not… No! (He left...)"
    assert [each.text for each in reads(path, text)] == [
        "Doctor Smith paid three dollars and fifty cents.",
        "Mister Jones, for example, did not…",
        "No!",
        "(He left...)",
    ]
    ours = said(path, text)
    assert ours[0] == "dˈɑːktɚ smˈɪθ pˈeɪd θɹˈiː dˈɑːlɚz ænd fˈɪfti sˈɛnts."
    assert ours[1] == "mˈɪstɚ dʒˈoʊnz, fɔːɹ ɛɡzˈæmpəl, dɪdnˈɑːt."
    assert ours[3] == "hiː lˈɛft."
    assert said(path, "It works… really?") == ["ɪt wˈɜːks, ɹˈiəli?"]
    assert said(path, "Nothing closes this") == ["nˈʌθɪŋ klˈoʊzᵻz ðˈɪs."]


def test_every_sentence_of_a_long_text_is_one_segment_with_the_pause_of_the_house(voice):
    front = front_end(voice("tiny-x_low"))
    sentence = (
        "This is a sentence that is not a short one, since it goes on and on until it has more than eighty letters. "
    )
    segments = front.segment(sentence * 5 + "\n\nShort.", "en", Options())
    assert [len(segment.text) for segment in segments] == [len(sentence) - 1] * 5 + [6]
    assert [segment.pause_s for segment in segments] == [0.28] * 4 + [0.6, 0.0]
    assert {segment.language for segment in segments} == {"en"}


def test_phonemes_in_the_text_go_in_as_they_are(voice):
    path = voice("tiny-x_low")
    assert said(path, "I met [[ bˈætmæn ]] in 2020. Again [[ɡˈoʊ]]") == [
        "aɪ mˈɛt bˈætmæn ɪn twˈɛnti twˈɛnti.",
        "ɐɡˈɛn ɡˈoʊ.",
    ]
    # Raw: the cedilla of a text is a symbol of its own, the letter's own id is another.
    encoder = front_end(path).encoder
    assert encoder.encode("ç").ids == (1, 0, 40, 0, 2)
    assert encoder.encode(unicodedata.normalize("NFD", "ç")).ids == (1, 0, 16, 0, 140, 0, 2)
    assert said(path, "[[ ç ]]", COMPAT) == ["ç"]


def test_cleaned_text_is_symbols_between_begin_and_end(voice):
    path = voice("tiny-x_low")
    (read,) = reads(path, "hɪ", AS_IT_IS)
    assert read.encoded.ids == (1, 0, 20, 0, 74, 0, 2)
    (read,) = reads(path, "h★ɪ", CLEANED)
    assert (read.phonemes, read.left_out) == ("hɪ", ("★",))
    assert len(reads(path, "hˈaɪ ðˈɛɹ. " * 100, CLEANED)) > 1
    assert len(reads(path, "hˈaɪ ðˈɛɹ. " * 100, AS_IT_IS)) == 1


def test_symbols_may_be_replaced_and_vowels_that_stand_together_may_be_one(own, voice):
    table = json.loads(voice("tinymulti-medium").with_suffix(".onnx.json").read_text())["phoneme_id_map"]
    path = own(
        phoneme_id_map=table, phoneme_map={"ɚ": ["ə", "ɹ"]}, vowel_clusters=[["a", "ɪ"], ["ɪ", "ə"], ["a", "ɪ", "ə"]]
    )
    ids = {symbol: numbers[0] for symbol, numbers in table.items()}
    encode = front_end(path).encoder.encode
    framed = [ids["^"], 0, ids["b"], 0, ids["aɪ"], 0, ids["ə"], 0, ids["ɹ"], 0, ids["$"]]
    assert list(encode("baɪɚ").ids) == framed
    assert encode("baɪɚ").symbols == "baɪɚ"
    assert encode("baɪɚ").unknown == ()


def test_old_files_without_a_kind_and_one_with_its_class_are_espeak(own):
    for kind in (None, "PhonemeType.ESPEAK", "espeak"):
        assert said(own(phoneme_type=kind), "Hi.") == ["hˈaɪ."]


@pytest.mark.parametrize(("espeak", "languages"), [("en-gb-x-rp", ("en",)), ("de", ("de",)), ("es-419", ("es",)),
                                                   ("cmn", ("zh",)), ("nb", ("no",))])  # fmt: skip
def test_the_espeak_voice_is_the_language(own, espeak, languages):
    assert front_end(own(espeak={"voice": espeak})).languages == languages


def test_text_of_another_language_is_not_read_as_english(speaking):
    assert said(speaking("de"), "Ich habe 3 Hunde.") == [unicodedata.normalize("NFD", "ɪç hɑːbə dɾˈaɪ hˈʊndə.")]
    path = speaking("cmn")
    (read,) = reads(path, "我有3个。")
    assert read.text == "我有三个。"
    assert read.phonemes.endswith(".")


def test_kinds_of_front_ends_that_are_not_here_are_named(own):
    for kind, needs in (("hebrew", "Nakdimon"), ("japanese", "Open JTalk"), ("PhonemeType.KLINGON", "klingon")):
        path = own(phoneme_type=kind)
        with pytest.raises(ConfigError, match=needs):
            said(path, "Hi.")
        assert said(path, "hˈaɪ.", CLEANED) == ["hˈaɪ."]


def test_voices_of_letters_take_letters(own):
    table = {"_": [0], "^": [1], "$": [2], " ": [3], ".": [4], "й": [5], "и": [6], "п": [7], "\u0306": [8]}
    path = own(phoneme_type="text", phoneme_id_map=table, espeak={}, language={"code": "uk_UA", "family": "uk"})
    assert front_end(path).languages == ("uk",)
    (read,) = reads(path, "Пий")
    assert (read.phonemes, read.left_out) == (unicodedata.normalize("NFD", "пий") + ".", ())
    # The reference knows no capitals that the table does not have.
    assert reads(path, "Пий", COMPAT)[0].left_out == ("П",)


def test_voices_of_pinyin_take_initials_finals_and_tones(own):
    symbols = ["n", "h", "y", "w", "l", "zh", "Ø", "i", "ao", "ong", "o", "v", "an", "er", "1", "2", "3", "4", "5"]
    table = {"_": [0], "^": [1], "$": [2], **{symbol: [3 + at] for at, symbol in enumerate([*symbols, "。", "，"])}}
    path = own(phoneme_type="pinyin", phoneme_id_map=table, espeak={})
    assert front_end(path).languages == ("zh",)
    (read,) = reads(path, "你好，中。")
    assert read.phonemes == "n i 3 h ao 3 ， zh ong 1 。"
    ids = {symbol: numbers[0] for symbol, numbers in table.items()}
    framed = [1, *(ids[each] for each in ("n", "i", "3")), 0, *(ids[each] for each in ("h", "ao", "3")), 0]
    framed += [ids["，"], 0, *(ids[each] for each in ("zh", "ong", "1")), 0, ids["。"], 0, 2]
    assert list(read.encoded.ids) == list(front_end(path).encoder.encode(read.phonemes).ids) == framed
    assert said(path, "绿，安") == ["l v 4 ， Ø an 1 。"]


def test_a_configuration_is_held_to_its_kinds(own):
    spoiled = {
        "phoneme_id_map": {"^": [1], "_": [0]},
        "audio": {"sample_rate": 3},
        "espeak": {"voice": "../../en"},
        "phoneme_map": {"a": "b"},
        "vowel_clusters": [["a"]],
        "num_speakers": 10**9,
        "inference": {"noise_scale": "loud"},
    }
    for key, value in spoiled.items():
        with pytest.raises(ConfigError, match=re.escape("en_US-tiny-x_low.onnx.json: ")):
            read_voice(own(**{key: value}).with_suffix(".onnx.json"))


def test_what_is_shown_is_what_is_said(own, monkeypatch):
    given = []

    def decode(_self, ids, *_rest):
        given.append(tuple(ids))
        yield np.zeros(1, np.float32)

    monkeypatch.setattr(Synthesizer, "decode", decode)
    monkeypatch.setattr(Synthesizer, "gain", lambda _self, _number: 1.0)
    path = own()
    front = front_end(path)
    for options in ({}, {"compat": True}, {"cleaned": True}):
        for text, read, spoken in compare(SPEC, path, given, (*TEXTS, "It's [[ˈoʊ]] 5 o'clock."), **options):
            shown = [front.encoder.encode(segment.phonemes) for segment in read.segments]
            assert [each.ids for each in shown if each.spoken] == spoken, text
