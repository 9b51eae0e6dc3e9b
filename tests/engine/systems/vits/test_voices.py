"""The voices of a checkpoint: by name, by number, never from a recording."""

import json
import shutil

import numpy as np
import pytest

from engine.errors import VoiceError
from engine.request import VoicePrompt
from tests.engine.systems.vits.speech import events_of, sound


@pytest.mark.parametrize(("name", "number"), [("", "0"), ("3", "3"), ("0", "0")])
def test_voices_go_by_number_where_they_have_no_names(system, name, number):
    voice = system("mb_det_ms").voice(name)
    assert (voice.system, voice.name, voice.meta["id"]) == ("vits", number, number)


def test_voices_go_by_name_and_by_number_where_they_have_names(tmp_path, checkpoint, load_system):
    folder = shutil.copytree(checkpoint("mb_det_ms"), tmp_path / "named")
    raw = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**raw, "speakers": ["ann", "ben"]}))
    named = load_system(folder)
    assert named.voices() == ("ann", "ben", "2", "3", "4")
    assert named.voice("") == named.voice("ann") == named.voice("0")
    assert named.voice("ben").meta["id"] == named.voice("1").meta["id"] == "1"
    with pytest.raises(VoiceError, match=r"no voice 'carl'.*ann, ben, 2, 3, 4"):
        named.voice("carl")
    with pytest.raises(VoiceError):
        named.voice("5")


def test_one_voice_needs_no_name(system):
    assert system("mb_det").voices() == ()
    assert system("mb_det").voice("") == system("mb_det").voice("0")
    with pytest.raises(VoiceError, match="one voice"):
        system("mb_det").voice("ann")


def test_voices_differ(system):
    first, second = (sound(events_of(system("mb_det_ms"), "hˈaɪ", voice=voice)) for voice in "01")
    assert first.shape != second.shape or not np.allclose(first, second)


def test_voices_are_not_made_from_recordings(system):
    prompt = VoicePrompt(samples=np.zeros(22050, np.float32), sample_rate=22050)
    with pytest.raises(VoiceError, match="fixed"):
        system("mb_det").encode_voice(prompt)
