"""From the public weights to the folder that ships: the stages in their order, each resumed where it was left."""

import json
import multiprocessing
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.events import Progress
from engine.steps import finish
from engine.style_tts.harmonic import BINS, FILTERS, WINDOW, HarmonicDecoder
from engine.style_tts.synthesizer import Synthesizer
from engine.systems.kokoro.system import load
from engine.systems.kokoro.weights import MODULES
from engine.training.checkpoint import save
from recipes.bundled_voice import prosody, sound, student
from recipes.bundled_voice.corpus import SPEAKERS, Corpus, Example, Teacher, say, texts
from recipes.kokoro_weights.build import HERE as KOKORO
from recipes.kokoro_weights.build import build as build_teacher

WEIGHTS = "kokoro-small.pth"
# Of the long-term spectrum, which is moved onto the teacher's: bins on both sides that are taken together.
SMOOTH = 4
# How much sharper filters are made against the mean of so many bins of 20 Hz to both sides; tuned on dev_sentences.txt.
SHARPER, ENVELOPE = 0.3, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much of everything: sentences with their sound and more for the prosody alone, minutes of wall time."""

    sentences: int = 1_600
    prosody_sentences: int = 3_000
    seed: int = 1
    processes: int = 2
    prosody_minutes: float = 42.0
    spectral_minutes: float = 22.0
    adversarial_minutes: float = 42.0


def make(work: Path, target: Path, plan: Plan = Plan()) -> Iterator[Progress]:
    """Make the voices: intermediate files under ``work``, the result under ``target``."""
    work.mkdir(parents=True, exist_ok=True)
    sentences = texts(plan.sentences + plan.prosody_sentences, plan.seed)
    teacher = build_teacher(work / "teacher")
    yield from _speak(teacher, sentences[: plan.sentences], work / "corpus", plan, sound=True)
    yield from _speak(teacher, sentences[plan.sentences :], work / "silent", plan, sound=False)
    corpus = Corpus(work / "corpus", work / "silent")
    yield from prosody.train(corpus, work / "prosody.pt", minutes=plan.prosody_minutes)
    yield from sound.train(corpus, work / "spectral.pt", minutes=plan.spectral_minutes)
    if not (work / "adversarial.pt").exists():
        shutil.copyfile(work / "spectral.pt", work / "adversarial.pt")
    yield from sound.train(corpus, work / "adversarial.pt", minutes=plan.adversarial_minutes, adversarial=True)
    model, styles = join(work / "prosody.pt", work / "adversarial.pt")
    sharpen(model)
    calibrate(model, styles, corpus.parted(sound=True)[0])
    write(model, styles, target)
    yield Progress(done=1, total=1, label=f"written to {target}")


def _speak(teacher: Path, sentences: Sequence[str], folder: Path, plan: Plan, *, sound: bool) -> Iterator[Progress]:
    """Let the teacher say ``sentences``, one process on each core."""
    # Not forked: torch's threads do not survive that.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(plan.processes, mp_context=context) as pool:
        work = partial(_part, teacher, sentences, folder, parts=plan.processes, sound=sound)
        for part, count in enumerate(pool.map(work, range(plan.processes))):
            yield Progress(done=part + 1, total=plan.processes, label=f"{count} sentences said")


def _part(teacher: Path, sentences: Sequence[str], folder: Path, part: int, *, parts: int, sound: bool) -> int:
    torch.set_num_threads(1)
    system = finish(load(teacher, torch.device("cpu"), torch.float32))
    for _ in say(Teacher(system), sentences, folder, part=part, parts=parts, sound=sound):
        pass
    return len(range(part, len(sentences), parts))


def join(prosody_checkpoint: Path, sound_checkpoint: Path) -> tuple[Synthesizer, Tensor]:
    """The student with the averaged weights of both halves, and the styles (speakers, 2S)."""
    whole = student.build()
    halves = (sound.Sound(whole), prosody.Prosody(whole))
    for half, path in zip(halves, (sound_checkpoint, prosody_checkpoint), strict=True):
        half.load_state_dict(averaged(path))
    for parameter in whole.predictor.F0_proj.parameters():
        parameter.data *= prosody.PITCH_SCALE
    return whole.eval(), torch.cat([half.styles.detach() for half in halves], dim=1)


def averaged(checkpoint: Path) -> dict[str, Tensor]:
    """The moving average of the weights in a stage's checkpoint."""
    state = torch.load(checkpoint, weights_only=True)["average"]
    return {key.removeprefix("module."): value for key, value in state.items() if key.startswith("module.")}


def sharpen(model: Synthesizer, *, amount: float = SHARPER) -> None:
    """Raise the peaks of both filters and lower their valleys, which regression has made shallow.

    What a level has above those of ENVELOPE bins to both sides grows by ``amount``. That is linear in the levels, so it
    is done to the layer that gives them. docs/bundled-voice.md#calibration
    """
    assert isinstance(model.decoder, HarmonicDecoder)
    layer = model.decoder.filters
    for values in (layer.weight.data.view(FILTERS, BINS, -1), layer.bias.data.view(FILTERS, BINS, 1)):
        for row in (values[0], values[-1]):
            row += amount * (row - _among_neighbours(row.T, ENVELOPE).T)


@torch.inference_mode()
def calibrate(
    model: Synthesizer, styles: Tensor, examples: Sequence[Example], *, rounds: int = 3, items: int = 80
) -> None:
    """Move the long-term spectrum onto the teacher's: an equaliser in the bias of the filters' levels.

    Regression loses energy where it is uncertain: docs/bundled-voice.md#calibration
    """
    assert isinstance(model.decoder, HarmonicDecoder)
    half = sound.Sound(model)
    half.styles.data = styles[:, : student.STYLE].clone()
    chosen = examples[:: max(1, len(examples) // items)]
    bias = model.decoder.filters.bias.data.view(FILTERS, BINS)
    target = _spectrum([torch.from_numpy(example.samples.astype(np.float32) / 32767) for example in chosen])
    for _ in range(rounds):
        ours = _spectrum([sum(half(sound.collate([example])))[0] for example in chosen])
        gain = 0.5 * torch.log(target / ours).clamp(-1, 1)
        bias[0] += gain
        bias[-1] += gain


def _spectrum(sounds: Sequence[Tensor]) -> Tensor:
    """Mean power (BINS,) of the short-time spectra of all sounds, each bin with its neighbours."""
    window = torch.hann_window(WINDOW)
    powers = [
        torch.stft(s, WINDOW, WINDOW // 4, window=window, return_complex=True).abs().square().mean(1) for s in sounds
    ]
    return _among_neighbours(torch.stack(powers).mean(0, keepdim=True), SMOOTH).flatten() + 1e-8


def _among_neighbours(rows: Tensor, reach: int) -> Tensor:
    """Each value of ``rows`` (n, BINS) as the mean of those up to ``reach`` bins away."""
    pool = torch.nn.functional.avg_pool1d
    return pool(rows.unsqueeze(1), 2 * reach + 1, 1, reach, count_include_pad=False).squeeze(1)


def write(model: Synthesizer, styles: Tensor, folder: Path) -> None:
    """Write weights in float16, config.json and a style for each voice to ``folder``."""
    assert isinstance(model.decoder, HarmonicDecoder)
    (folder / "voices").mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.pth"):
        old.unlink()
    published = json.loads((KOKORO / "config.json").read_text(encoding="utf-8"))
    size = model.config
    raw = {name: getattr(size, name) for name in ("n_token", "hidden_dim", "n_layer", "max_dur", "style_dim")} | {
        "plbert": {name: getattr(size.plbert, name) for name in ("num_attention_heads", "num_hidden_layers")},
        "harmonic": {name: getattr(student.DECODER, name) for name in ("width", "n_layer", "kernel_size")},
        "languages": ["en"],
        "vocab": published["vocab"],
    }
    (folder / "config.json").write_text(json.dumps(raw, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    state = {name: {key: value.half() for key, value in getattr(model, name).state_dict().items()} for name in MODULES}
    save(folder / WEIGHTS, state)
    for name, style in zip(SPEAKERS, styles, strict=True):
        torch.save(style.view(1, 1, -1).clone(), folder / "voices" / f"{name}.pt")
