"""Prompt files of VALL-E X: languages have other numbers there, and nothing in them is trusted."""

import numpy as np
import pytest

from engine.errors import VoiceError
from engine.systems.vallex.voices import MAX_IDS, check, parse, read_file

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
