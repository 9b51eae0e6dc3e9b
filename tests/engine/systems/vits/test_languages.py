"""Checkpoints of every kind of language: what is shown, what is said, and what is told of the rest."""

import json
import shutil
from pathlib import Path

import pytest
import soundfile
import torch

from engine.cli import main
from engine.errors import EngineError, TextError
from engine.events import Notice
from engine.systems.vits import SPEC
from engine.systems.vits.cleaners import CLEANERS
from engine.systems.vits.config import TextConfig, symbol_tables
from engine.systems.vits.front_end import VitsFrontEnd, front_end
from engine.systems.vits.options import Options
from engine.systems.vits.reader import SymbolReader
from engine.text.ja import open_jtalk
from engine.text.packages import JAPANESE
from tests.engine.reading import compare
from tests.vits import reference_tensor

# Of each, what is written and the phonemes of it.
SPOKEN = {
    "japanese_cleaners": ("「今日」は、いい天気ですね～！", "kyo↓owa, i↓i te↓NkidesUne!"),
    "japanese_cleaners2": ("10:30に…月", "ju↓uji sa↑Nju↓QpuNni… ʦU↑ki."),
    "korean_cleaners": ("커피 2잔, 3시 30분 (진짜?)", "ㅋㅓㅍㅣ ㄷㅜㅈㅏㄴ, ㅅㅔㅅㅣ ㅅㅏㅁㅅㅣㅂㅂㅜㄴ, ㅈㅣㄴㅉㅏ?"),
    "chinese_cleaners": ("“你好”; 有3个吗?", "ㄋㄧˇㄏㄠˇ， ㄧㄡˇ ㄙㄢˉㄍㄜˋ ㄇㄚ˙？"),
    "thai_cleaners": ("น้ำ 1,000 (A)", "น้ำ หนึ่งพัน เอ."),
    "sanskrit_cleaners": ("नमस्ते, ॐ! 12", "नमस्ते ओम्। एकम् द्वे।"),
    "zh_ja_mixture_cleaners": ("你好。東京です。", "ni↓↑hau↓↑. to↑okyoode↓sU."),
    "cjke_cleaners2": (
        "你好，我用Python。나는 3개 샀어요. The zorblax costs $5.",
        "ni↓↑xɑʊ↓↑, wo↓↑jʊŋ↓ ˈpaɪθɑn. nanɯn sʰege sʰas=əjo. ðə ˈzɔɹblæks kɔsts faɪv ˈdɔləɹz.",
    ),
    "cjks_cleaners": ("नमस्ते। [JA]東京[JA]", "nəməst⁼eː. to↑okjoː."),
}


def reads(name: str, symbols: str = "") -> VitsFrontEnd:
    table = symbol_tables()[symbols or name]
    return VitsFrontEnd(SymbolReader(TextConfig(symbols=table, cleaners=(name,), add_blank=True)))


def read(name: str, text: str, symbols: str = "", **options: bool) -> tuple[str, list[str], list[str]]:
    """The phonemes of a text, its notices, and its segments in words."""
    front, chosen = reads(name, symbols), Options(**options)
    items = list(front.read(front.segment(text, "en", chosen), chosen))
    told = [str(item.message) for item in items if isinstance(item, Notice)]
    found = [item for item in items if not isinstance(item, Notice)]
    return " ".join(item.phonemes for item in found), told, [item.text for item in found]


@pytest.fixture(scope="module")
def speaking(tmp_path_factory: pytest.TempPathFactory, checkpoint):
    """A reduced checkpoint of a cleaner, whose config.json lists no symbols."""

    def write(name: str) -> Path:
        folder = shutil.copytree(checkpoint("mb_det"), tmp_path_factory.mktemp(name) / name)
        raw = json.loads((folder / "config.json").read_text())
        raw.pop("symbols", None)
        raw["data"]["text_cleaners"] = [name]
        (folder / "config.json").write_text(json.dumps(raw))
        saved = torch.load(folder / "G_1000.pth", weights_only=True)
        width = saved["model"]["enc_p.emb.weight"].shape[1]
        saved["model"]["enc_p.emb.weight"] = reference_tensor("enc_p.emb.weight", [len(symbol_tables()[name]), width])
        torch.save(saved, folder / "G_1000.pth")
        return folder

    return write


@pytest.mark.parametrize("name", SPOKEN)
def test_a_text_is_read_in_words_and_every_mark_as_far_as_the_model_has_it(name: str) -> None:
    text, phonemes = SPOKEN[name]
    assert read(name, text)[:2] == (phonemes, [])
    assert reads(name).languages == CLEANERS[name].languages


@pytest.mark.parametrize("name", SPOKEN)
def test_a_checkpoint_of_every_kind_is_shown_and_speaks(name: str, speaking, tmp_path: Path, capsys) -> None:
    folder, (text, phonemes) = speaking(name), SPOKEN[name]
    assert front_end(folder).languages == CLEANERS[name].languages
    given = ["--system", "vits", "--checkpoint", str(folder)]
    assert main(["text", text, *given, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert " ".join(segment["phonemes"] for segment in shown["segments"]) == phonemes
    assert main(["say", text, *given, "--out", str(tmp_path / "said.wav"), "--device", "cpu"]) == 0
    assert soundfile.info(tmp_path / "said.wav").duration > 0.05


def test_what_is_shown_is_what_is_said_in_several_languages(speaking, monkeypatch) -> None:
    import numpy as np

    from engine.systems.vits.speaking import Synthesizer

    given: list[tuple[int, ...]] = []

    def decode(_self, ids, *_rest):
        given.append(tuple(ids))
        yield np.zeros(1, np.float32)

    monkeypatch.setattr(Synthesizer, "decode", decode)
    folder = speaking("cjke_cleaners2")
    front = front_end(folder)
    for text, shown, spoken in compare(SPEC, folder, given, [text for text, _ in SPOKEN.values()], language="ja"):
        ids = [front.encoder.encode(segment.phonemes).ids for segment in shown.segments]
        assert ids == spoken, text


def test_compat_takes_the_published_cleaner_alone() -> None:
    assert read("korean_cleaners", "3개!", compat=True)[0] == "ㅅㅔㄱㅐ!"
    assert read("korean_cleaners", "110000원", compat=True)[0] == "ㅅㅣㅂㅁㅏㄴㅇㅜㅓㄴ."
    assert read("korean_cleaners", "110000원")[0] == "ㅅㅣㅂㅇㅣㄹㅁㅏㄴㅇㅜㅓㄴ."
    assert read("cjke_cleaners2", "[ZH]你好[ZH]", compat=True)[0] == "ni↓↑xɑʊ↓↑."
    with pytest.raises(TextError, match="'你'"):
        read("cjke_cleaners2", "你好", compat=True)
    with pytest.raises(TextError, match="under compat"):
        read("chinese_cleaners", "9" * 17, compat=True)
    assert read("chinese_cleaners", "9" * 17)[0].count("ㄐㄧㄡˇ") == 17


@pytest.mark.parametrize(
    ("name", "text", "left_out"),
    [
        ("japanese_cleaners", "東京😀です안녕", "😀안녕"),
        ("korean_cleaners", "안녕 漢字 😀 カ", "漢字😀カ"),
        ("chinese_cleaners", "你好😀カ안", "😀カ안"),
        ("zh_ja_mixture_cleaners", "你好。안녕", "안녕"),
        ("thai_cleaners", "สวัสดี 漢😀", "漢😀"),
        ("sanskrit_cleaners", "नमस्ते X漢", "X漢"),
        ("cjke_cleaners2", "你好 नम", "नम"),
    ],
)
def test_what_cannot_be_said_is_told(name: str, text: str, left_out: str) -> None:
    told = "".join(read(name, text)[1])
    for character in left_out:
        assert repr(character) in told, told


def test_compat_tells_what_the_published_cleaners_lose() -> None:
    assert "'😀'" in read("japanese_cleaners", "東京😀", compat=True)[1][0]
    assert "'😀'" in read("cjke_cleaners2", "[JA]東京😀[JA]", compat=True)[1][0]
    with pytest.raises(TextError, match="'😀'"):
        read("cjke_cleaners2", "[ZH]你好😀[ZH]", compat=True)


def test_tags_are_set_by_script_and_obeyed_where_they_are_written() -> None:
    written = read("cjke_cleaners2", "[ZH]東京[ZH][JA]東京[JA]")
    assert written[0] == "t⁼ʊŋ→tʃ⁼iŋ→. to↑okjoo."
    # The tag of a language that the model does not speak is no text.
    assert read("zh_ja_mixture_cleaners", "[KO]東京です[KO]")[0] == "to↑okyoode↓sU."


def test_every_clause_is_closed_with_the_mark_that_belongs_there() -> None:
    long = "今日はとてもいい天気なので公園まで歩いて行きました" * 6
    phonemes, _, segments = read("japanese_cleaners2", long)
    assert len(segments) > 1
    assert phonemes.endswith(".")
    assert phonemes.count(".") == 1


def test_a_missing_package_is_one_line_before_any_sound(monkeypatch) -> None:
    def gone() -> None:
        raise JAPANESE.missing()

    open_jtalk.is_mute.cache_clear()
    monkeypatch.setattr(open_jtalk, "_library", gone)
    with pytest.raises(EngineError, match="make run LANGUAGES=ja"):
        read("japanese_cleaners", "東京")
    # Whoever speaks no Japanese needs none of it.
    assert read("cjke_cleaners2", "你好。")[0] == "ni↓↑xɑʊ↓↑."
