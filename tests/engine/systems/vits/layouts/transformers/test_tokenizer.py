"""The tokenizer of transformers' VITS models: its vectors, its edges, and what it leaves out."""

import json
import time

import pytest

from engine.errors import ConfigError, EngineError, TextError, WeightsMissing
from engine.systems.vits import SPEC
from engine.systems.vits.front_end import front_end
from engine.systems.vits.layouts.transformers import tokenizer
from engine.systems.vits.layouts.transformers.tokenizer import Tokenizer, TokenizerConfig
from engine.systems.vits.options import Options
from engine.text import romanize
from tests.engine.reading import TEXTS, compare, texts

COMPAT = Options(compat=True)
SETS = ("k_pad", "pad_word", "noblank", "nonorm", "ron", "uroman_flag")


def configured(table):
    kept = {key: value for key, value in table["args"].items() if key != "pad_token"}
    return TokenizerConfig(vocabulary=table["vocab"], **kept)


@pytest.mark.parametrize("name", SETS)
def test_every_text_becomes_the_ids_of_the_plain_rule(golden_json, name, monkeypatch):
    # The vectors were made without the package that romanises.
    monkeypatch.setattr(tokenizer, "romanize", lambda text: text)
    table = golden_json("mms_tokenizer")[name]
    ours = Tokenizer(configured(table))
    for vector in table["vectors"]:
        # A character without an id is left out, and so is its blank.
        wanted = vector["ids_simple"]
        if None in wanted:
            kept = [number for number in wanted[1::2] if number is not None]
            wanted = [each for number in kept for each in (0, number)] + [0]
        assert list(ours.encode(ours.prepare(vector["input"])).ids) == wanted, vector["input"]


def test_the_tokenizer_of_transformers_gives_the_same(golden_json, tmp_path):
    from transformers import VitsTokenizer

    table = golden_json("mms_tokenizer")["pad_word"]
    vocabulary = {**table["vocab"], "<unk>": len(table["vocab"]), "Ch": len(table["vocab"]) + 1}
    path = tmp_path / "vocab.json"
    path.write_text(json.dumps(vocabulary))
    theirs = VitsTokenizer(str(path), pad_token="<pad>", unk_token="<unk>", language="eng", phonemize=False)
    ours = Tokenizer(TokenizerConfig(vocabulary=vocabulary))
    for text in (*TEXTS, "Chess and Chad", "A <unk>, b", "MIXED Case\tand\nlines", "İstanbul ǅ ß", "x" * 300):
        found = list(ours.encode(ours.prepare(text)).ids)
        assert found in (theirs(text)["input_ids"], [0, *theirs(text)["input_ids"]]), text


def test_the_package_that_romanises_is_asked_where_the_model_was_trained_so():
    ours = Tokenizer(TokenizerConfig(vocabulary={c: n for n, c in enumerate("|aehimnstuyo ")}, is_uroman=True))
    assert ours.encode(ours.prepare("Ναι, 세 नमस्ते")).symbols == "nai se namaste"


def test_without_that_package_its_name_is_said_and_latin_letters_are_read(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "uroman", None)
    romanize._library.cache_clear()
    ours = Tokenizer(TokenizerConfig(vocabulary={c: n for n, c in enumerate("|abc")}, is_uroman=True))
    with pytest.raises(EngineError, match="needs the package uroman") as caught:
        ours.prepare("Ναι")
    assert "\n" not in str(caught.value)
    assert ours.encode(ours.prepare("ABC")).symbols == "abc"
    romanize._library.cache_clear()


def test_phonemes_are_those_of_espeak_with_marks_and_stress():
    symbols = "_;:,.!?'- abdefhijklmnoprstuvwzðŋɐɔəɛɡɪʃʊʌʒˈˌː"
    ours = Tokenizer(TokenizerConfig(vocabulary={c: n for n, c in enumerate(symbols)}, phonemize=True))
    assert ours.prepare("Hello,   world!") == "həlˈoʊ, wˈɜːld!"
    encoded = ours.encode("həlˈoʊ, wˈɜːld!")
    assert (encoded.symbols, encoded.unknown) == ("həlˈoʊ, wˈːld!", ("ɜ",))


def spoken(folder, text, **options):
    front = front_end(folder)
    segments = front.segment(text, "", Options(**options))
    return list(front.read(segments, Options(**options)))


def test_numbers_are_words_and_what_falls_out_is_told(mms_checkpoint):
    notice, segment = spoken(mms_checkpoint("sdp"), "It costs 12 pounds, señor Ж!")
    assert segment.encoded.symbols == "it costs twelve pounds senor"
    assert set(segment.left_out) == {"\u0303", "ж", ",", "!"}
    assert "ж" in str(notice.message)
    assert "!" not in str(notice.message)


def test_an_apostrophe_and_accents_are_read_however_they_are_typed():
    vocabulary = {c: n for n, c in enumerate("|aeit's \u0301")}
    ours = Tokenizer(TokenizerConfig(vocabulary=vocabulary))
    assert ours.fitted(ours.prepare("It’s \u00e1")) == "it's a\u0301"
    assert ours.fitted(ours.prepare("\u00f1\u00c4")) == "\u00f1a\u0308"


def test_compat_is_the_whole_text_as_the_reference_has_it(mms_checkpoint, mms_folder):
    (segment,) = spoken(mms_checkpoint("sdp"), "One, two. Three, 4!", compat=True)
    assert (segment.text, segment.encoded.symbols) == ("One, two. Three, 4!", "one two three 4")
    strict = mms_folder("sdp", "tokenizer_config.json", normalize=False)
    with pytest.raises(TextError, match="no symbols for 'O'; without compat"):
        spoken(strict, "One", compat=True)


def test_cleaned_text_is_looked_up_as_it_is(mms_checkpoint):
    notice, segment = spoken(mms_checkpoint("sdp"), "Hello 4", cleaned=True)
    assert segment.encoded.symbols == "ello 4"
    assert "H" in str(notice.message)


def test_a_text_of_which_nothing_is_known_is_refused(mms_checkpoint):
    for options in ({}, {"compat": True}, {"cleaned": True}):
        with pytest.raises(TextError, match="no symbol"):
            spoken(mms_checkpoint("sdp"), "привет", **options)


def test_the_language_is_that_of_the_tokenizer_or_of_the_folder(mms_folder, tmp_path):
    folder = mms_folder("sdp", "tokenizer_config.json", language="swh")
    assert front_end(folder).languages == ("sw",)
    (folder / "tokenizer_config.json").unlink()
    assert front_end(folder).languages == ()
    assert front_end(folder.rename(tmp_path / "facebook--mms-tts-kab")).languages == ("kab",)


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("vocab.json", "[]", "vocab.json holds no mapping"),
        ("vocab.json", "{}", "vocab.json is no vocabulary"),
        ("vocab.json", '{"a": "0"}', "vocab.json is no vocabulary"),
        ("vocab.json", '{"a": -1}', "vocab.json is no vocabulary"),
        ("vocab.json", '{"a": 40}', "has more than the 40 characters"),
        ("vocab.json", json.dumps({"a" * 100: 1}), "vocab.json is no vocabulary"),
        ("tokenizer_config.json", '{"add_blank": 3}', "tokenizer_config.json: add_blank=3"),
        ("tokenizer_config.json", "nonsense", "cannot be read as JSON"),
    ],
)
def test_damaged_files_of_the_tokenizer_are_named_in_one_line(mms_folder, file, content, said):
    folder = mms_folder("sdp")
    (folder / file).write_text(content)
    with pytest.raises(ConfigError, match=said):
        front_end(folder)


def test_without_a_vocabulary_it_is_named(mms_folder):
    folder = mms_folder("sdp")
    (folder / "vocab.json").unlink()
    with pytest.raises(WeightsMissing, match=r"no vocab\.json"):
        front_end(folder)


def test_long_texts_and_odd_vocabularies_take_linear_time():
    vocabulary = {"|": 0, **{"a" * length: length for length in range(1, 65)}}
    ours = Tokenizer(TokenizerConfig(vocabulary=vocabulary))
    began = time.process_time()
    assert len(ours.encode(ours.prepare("aAb" * 30_000)).symbols) == 60_000
    assert time.process_time() - began < 5


def test_what_is_shown_is_what_is_said(monkeypatch, mms_checkpoint):
    import numpy as np

    from engine.systems.vits.speaking import Synthesizer

    given = []

    def decode(_self, ids, *_rest):
        given.append(tuple(ids))
        yield np.zeros(1, np.float32)

    monkeypatch.setattr(Synthesizer, "decode", decode)
    front = front_end(mms_checkpoint("sdp"))
    for options, asked in (({}, texts()), ({"compat": True}, TEXTS), ({"cleaned": True}, TEXTS)):
        for text, read, said in compare(SPEC, mms_checkpoint("sdp"), given, asked, **options):
            shown = [front.encoder.encode(segment.phonemes) for segment in read.segments]
            assert [each.ids for each in shown if each.spoken or (options.get("compat") and each.symbols)] == said, text
