"""Prompt files of VALL-E X: languages have other numbers there, and nothing in them is trusted."""

import numpy as np
import pytest

from engine.errors import VoiceError
from engine.request import Voice
from engine.systems.vallex.symbols import IDS
from engine.systems.vallex.voices import MAX_IDS, SYSTEM, check, joined, parse, read_file

PROMPT = {
    "audio_tokens": np.arange(80, dtype=np.int64).reshape(1, 10, 8),
    "text_tokens": np.array([[26, 49, 33]]),
    "lang_code": np.int64(0),
}


def saved(path, **changes):
    np.savez(path, **{**PROMPT, **changes})
    return path


@pytest.mark.parametrize(("code", "language"), [(0, "zh"), (1, "ja"), (2, "en")])
def test_languages_have_the_numbers_of_prompt_files(tmp_path, code, language):
    voice = read_file(saved(tmp_path / "anna.npz", lang_code=np.array(code)))
    assert (voice.name, voice.meta) == ("anna", {"language": language})
    assert np.array_equal(voice.tensors["codes"], PROMPT["audio_tokens"][0])
    assert voice.tensors["text_ids"].tolist() == [26, 49, 33]
    check(voice)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lang_code": np.array(3)}, "lang_code 3"),
        ({"lang_code": np.array(1.0)}, "lang_code"),
        ({"lang_code": np.zeros(2, int)}, "other shapes"),
        ({"audio_tokens": np.zeros((2, 10, 8), int)}, "other shapes"),
        ({"audio_tokens": np.full((1, 10, 8), 1024)}, "code 1024"),
        ({"text_tokens": np.array([[70]])}, "another model"),
        ({"text_tokens": np.zeros((1, MAX_IDS + 1), int)}, "at most"),
        ({"audio_tokens": np.array([{}], dtype=object)}, "no prompt of VALL-E X"),
    ],
)
def test_files_that_are_no_prompts_are_named(tmp_path, changes, message):
    with pytest.raises(VoiceError, match=message):
        read_file(saved(tmp_path / "bad.npz", **changes))


def test_other_files_are_no_prompts(tmp_path):
    (tmp_path / "text.npz").write_text("no zip", encoding="utf-8")
    np.savez(tmp_path / "other.npz", codes=np.zeros(3))
    np.savez(tmp_path / "bomb.npz", **{**PROMPT, "audio_tokens": np.zeros((1, 1 << 18, 8), np.int64)})
    for name, message in (("text", "no prompt"), ("other", "no prompt"), ("none", "no voice file"), ("bomb", "larger")):
        with pytest.raises(VoiceError, match=message):
            read_file(tmp_path / f"{name}.npz")


def test_names_are_presets_or_nobody(tmp_path):
    presets = {"Anna": saved(tmp_path / "Anna.npz")}
    assert parse("anna", presets).name == "Anna"
    assert parse("", presets).tensors == parse("none", presets).tensors == {}
    with pytest.raises(VoiceError, match=r"name Anna, an \.npz"):
        parse("bob", presets)


def test_prompt_files_are_joined_in_their_order(tmp_path):
    one = read_file(saved(tmp_path / "one.npz"))
    two = read_file(saved(tmp_path / "two.npz", audio_tokens=np.ones((1, 3, 8), int), text_tokens=np.array([[30]])))
    both = joined([one, two])
    check(both)
    assert np.array_equal(both.tensors["codes"], np.concatenate([one.tensors["codes"], np.ones((3, 8))]))
    assert both.tensors["text_ids"].tolist() == [26, 49, 33, IDS["_"], 30]
    assert both.meta["language"] == "zh"


def recorded(transcript, language, frames=10):
    codes = np.zeros((frames, 8), np.int16)
    return Voice(
        system=SYSTEM, name="x", tensors={"codes": codes}, meta={"transcript": transcript, "language": language}
    )


def test_recordings_are_joined_with_what_is_said_in_them():
    assert joined([recorded("Yes.", "en"), recorded("No.", "en")]).meta == {"transcript": "Yes. No.", "language": "en"}
    assert joined([recorded("Yes.", "en"), recorded("好。", "zh")]).meta["language"] == ""


def test_voices_that_do_not_go_together_are_told(tmp_path):
    file, other = read_file(saved(tmp_path / "a.npz")), read_file(saved(tmp_path / "b.npz", lang_code=np.int64(2)))
    for voices, message in (
        ([file, other], "several languages"),
        ([file, recorded("Yes.", "zh")], "take one kind"),
        ([recorded("Yes.", "en"), recorded("", "en")], "the text of each, or of none"),
        ([recorded("Yes.", "en"), Voice(system=SYSTEM, name="none")], "only voices of recordings"),
        ([recorded("Yes.", "en", 800), recorded("No.", "en", 800)], "at most 15"),
    ):
        with pytest.raises(VoiceError, match=message):
            joined(voices)
