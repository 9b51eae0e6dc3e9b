"""The loaded system: loading, text to sound against the reference, and what is refused."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.errors import EngineError, TextError
from engine.systems.vits import SPEC
from engine.systems.vits.options import Options
from engine.text import espeak, phonemes
from tests.engine.systems.vits.speech import CLEANED, events_of, sound

COMPAT = dataclasses.replace(CLEANED, compat=True)
GOLDENS = Path(__file__).parents[3] / "goldens" / "vits"
CASES = [case for case in json.loads((GOLDENS / "e2e_index.json").read_text()) if "cleaned_text" in case]


def test_every_case_is_there():
    assert {case["file"] for case in CASES} == {
        path.name for path in GOLDENS.glob("e2e_*.npz") if path.name != "e2e_mb_det_batch.npz"
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_sound_through_the_system_equals_the_reference(golden, system, case):
    g = golden(Path(case["file"]).stem)
    options = Options(
        noise_scale=case["noise_scale"],
        noise_scale_w=case["noise_scale_w"],
        length_scale=case["length_scale"],
        cleaned=True,
        compat=True,
    )
    voice = "" if case["sid"] is None else str(case["sid"])
    loaded, seed = system(case["model"]), case["seed"] or 0
    samples = sound(events_of(loaded, case["cleaned_text"], options, voice=voice, seed=seed))
    assert samples.dtype == np.float32
    torch.testing.assert_close(torch.from_numpy(samples), g["audio"].flatten(), atol=2e-5, rtol=0)


@pytest.mark.parametrize("text", ["", "   ", "\n"])
@pytest.mark.parametrize("options", [Options(), CLEANED, COMPAT])
def test_empty_text_is_refused(system, text, options):
    with pytest.raises(TextError, match="empty"):
        system("mb_det").segment(text, "en", options)


def test_inference_mode_does_not_leak_between_steps(system):
    loaded = system("mb_det")
    generator = loaded.synthesize(
        loaded.segment("hˈaɪ", "en", CLEANED), loaded.voice(""), CLEANED, torch.Generator().manual_seed(0)
    )
    next(generator)
    assert not torch.is_inference_mode_enabled()
    generator.close()


def test_loading_starts_espeak_where_the_cleaners_need_it(checkpoint, load_system, monkeypatch):
    monkeypatch.setattr(phonemes, "ESPEAK", fresh := espeak.Espeak())
    loaded = load_system(checkpoint("mb_det"))
    started = fresh._running
    events_of(loaded, "Hello there.", Options())
    assert fresh._running is started is not None
    espeak._end(started)


def test_loading_reports_progress_and_fails_as_the_engine_expects(checkpoint, tmp_path):
    steps = list(SPEC.load(checkpoint("mb_det"), torch.device("cpu"), torch.float32))
    assert [step.label for step in steps] == [
        "starting MB-iSTFT-VITS",
        "reading G_1000.pth",
        "checking G_1000.pth",
        "building the network",
        "moving the network to its device",
        "speaking for the first time",
    ]
    with pytest.raises(EngineError):
        list(SPEC.load(tmp_path / "nowhere", torch.device("cpu"), torch.float32))


def test_loading_does_not_import_the_compiler(checkpoint):
    program = (
        "import sys, torch; from pathlib import Path; from engine.systems.vits import SPEC\n"
        "list(SPEC.load(Path(sys.argv[1]), torch.device('cpu'), torch.float32))\n"
        "assert 'torch._dynamo' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program, checkpoint("mb_det")], check=True, timeout=240)
