"""``codec``: a sound to codes and back, through both layouts of EnCodec's weights."""

import json

import numpy as np
import pytest
import soundfile
from PIL import Image

from engine import registry
from tests import wavtokenizer
from tests.engine.cli.conftest import assert_mistake
from tests.valle import arrays, encodec_file, encodec_folder, valle_checkpoint


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return encodec_file(tmp_path_factory.mktemp("encodec"))


@pytest.fixture
def sound(tmp_path):
    path = tmp_path / "in.wav"
    soundfile.write(path, arrays("encodec")["wav_5000"].numpy(), 24_000, subtype="FLOAT")
    return path


@pytest.fixture
def codec(run, weights):
    def call(action, file, *arguments):
        status, stdout, stderr = run(
            "codec", action, file, "--codec", "encodec", "--checkpoint", weights, "--json", *arguments
        )
        assert (status, stderr) == (0, "")
        return json.loads(stdout)

    return call


def test_encode_and_decode_go_through_a_file(codec, sound, tmp_path):
    report = codec("encode", sound)
    assert report["file"] == str(tmp_path / "in.codes.npz")
    assert (report["codebooks"], report["frames"], report["bandwidth_kbps"]) == (8, 16, 6.0)
    with np.load(report["file"]) as held:
        assert np.array_equal(held["codes"], arrays("encodec")["codes_5000"][0].numpy())
    decoded = codec("decode", report["file"], "--output", tmp_path / "out.wav")
    samples, rate = soundfile.read(decoded["file"])
    assert rate == 24_000
    expected = np.clip(arrays("encodec")["audio_5000"][0, 0].numpy(), -1, 1)
    assert np.abs(samples - expected).max() < 1e-3


def test_a_round_trip_tells_what_it_costs(codec, sound, tmp_path):
    reports = [codec("roundtrip", sound, "--bandwidth", bandwidth) for bandwidth in (1.5, 24)]
    assert [report["codebooks"] for report in reports] == [2, 32]
    samples, _ = soundfile.read(tmp_path / "in.roundtrip.wav")
    assert len(samples) == 5000
    assert all(np.isfinite([report["snr_db"], report["log_spectral_distance_db"]]).all() for report in reports)


def test_a_round_trip_is_drawn(codec, sound, tmp_path):
    report = codec("roundtrip", sound)
    assert report["picture"] == str(tmp_path / "in.roundtrip.png")
    with Image.open(report["picture"]) as picture:
        assert picture.size == (800, 324)


@pytest.mark.parametrize(("family", "rate", "kbps"), [("codec40", 40, 0.28), ("codec75", 75, 0.45)])
def test_wavtokenizer_encodes_decodes_and_makes_round_trips(run, tmp_path, family, rate, kbps):
    golden = wavtokenizer.arrays(family)
    sound = tmp_path / "in.wav"
    soundfile.write(sound, golden["wav_1"].numpy(), 24_000, subtype="FLOAT")
    checkpoint = wavtokenizer.lightning_file(tmp_path / "models" / "minimind", family)

    def call(action, file, *arguments):
        status, stdout, stderr = run("codec", action, file, "--codec", "wavtokenizer", "--json", *arguments)
        assert (status, stderr) == (0, "")
        return json.loads(stdout)

    encoded = call("encode", sound, "--checkpoint", checkpoint)
    assert (encoded["codebooks"], encoded["frames_per_s"], encoded["bandwidth_kbps"]) == (1, rate, kbps)
    with np.load(encoded["file"]) as held:
        assert np.array_equal(held["codes"][0], golden["codes_1"].numpy())
    decoded = call("decode", encoded["file"], "--checkpoint", checkpoint, "--output", tmp_path / "out.wav")
    samples, _ = soundfile.read(decoded["file"])
    assert np.abs(samples - golden["recon_1"].numpy()).max() < 1e-3
    # Without a checkpoint it is the one in the folder of models.
    tripped = call("roundtrip", sound, "--models-dir", checkpoint.parent)
    assert len(soundfile.read(tripped["file"])[0]) == len(golden["wav_1"])
    status, _, stderr = run(
        "codec", "encode", sound, "--codec", "wavtokenizer", "--checkpoint", checkpoint, "--bandwidth", 6
    )
    assert status == 2
    assert f"has {kbps} kbit/s, not 6" in stderr


def test_a_person_reads_lines(run, sound, tmp_path):
    folder = encodec_folder(tmp_path / "layout")
    status, stdout, _ = run("codec", "encode", sound, "--codec", "encodec", "--checkpoint", folder)
    assert status == 0
    assert "codebooks: 8\nframes: 16\nframes_per_s: 75\n" in stdout


def test_mistakes_are_one_line(run, sound, weights, tmp_path):
    arguments = ("--codec", "encodec", "--checkpoint", weights)
    assert_mistake(
        run("codec", "encode", sound, "--codec", "opus", "--checkpoint", weights), "no codec opus", "encodec"
    )
    assert_mistake(run("codec", "encode", sound, *arguments, "--bandwidth", "99"), "0.75 to 24 kbit/s")
    assert_mistake(run("codec", "decode", sound, *arguments), "in.wav holds no codes")
    assert_mistake(run("codec", "decode", sound, *arguments, "--bandwidth", "6"), "codes have one already")
    assert_mistake(run("codec", "decode", tmp_path / "none.npz", *arguments), "there is no file")
    np.savez(tmp_path / "bad.npz", codes=np.full((8, 4), 1024))
    assert_mistake(run("codec", "decode", tmp_path / "bad.npz", *arguments), "rows of 0..1023")
    assert_mistake(run("codec", "encode", sound, *arguments, "--output", tmp_path / "out.txt"), ".npz")
    assert_mistake(run("codec", "encode", tmp_path / "none.wav", *arguments), "there is no file")


def test_the_codec_beside_an_installed_model_is_found(run, sound, tmp_path):
    models = tmp_path / "models"
    own = models / "valle" / "mine"
    own.mkdir(parents=True)
    arguments = ("codec", "encode", sound, "--codec", "encodec", "--models-dir", models)
    missing = run(*arguments, specs=registry.systems())
    assert_mistake(missing, "no encodec here yet", "models download vallex/vallex", "--checkpoint")
    assert_mistake(run(*arguments), "there is no encodec here; name its weights as --checkpoint")
    valle_checkpoint(own)
    assert run(*arguments, specs=registry.systems())[0] == 0
    with np.load(tmp_path / "in.codes.npz") as held:
        assert np.array_equal(held["codes"], arrays("encodec")["codes_5000"][0].numpy())


def test_a_codec_in_the_folder_of_models_is_found(run, sound, tmp_path):
    encodec_folder(tmp_path / "models" / "encodec")
    assert run("codec", "roundtrip", sound, "--codec", "encodec", "--models-dir", tmp_path / "models")[0] == 0
