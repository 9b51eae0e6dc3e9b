"""The published checkpoints are those of the stored facts."""

from engine.systems.kokoro import SPEC
from tests.kokoro import read


def test_the_first_release_is_held_to_every_sum():
    first = SPEC.releases[0]
    voices = {file.path: file for file in first.files if file.path.startswith("voices/")}
    assert len(voices) == 54
    for name, facts in read("voices_v1_0")["voices"].items():
        file = voices[f"voices/{name}.pt"]
        assert (file.sha256, file.size) == (facts["sha256"], facts["bytes"])
    assert all(file.sha256 and file.size for file in first.files)


def test_the_release_for_chinese_has_a_hundred_chinese_voices_and_three_english_ones():
    names = [file.path[7:-3] for file in SPEC.releases[1].files if file.path.startswith("voices/")]
    assert len(set(names)) == 103
    counts = {letters: sum(name.startswith(letters) for name in names) for letters in ("zf_", "zm_", "af_", "bf_")}
    assert counts == {"zf_": 55, "zm_": 45, "af_": 2, "bf_": 1}


def test_both_may_be_used_for_anything():
    assert not any(release.terms.restricted for release in SPEC.releases)
