"""How good the bundled voice is, measured against its teacher in one run: ``make quality``.

Both say the same held-out sentences. For each speaker: word errors of a general recogniser (pocketsphinx), levels of
octave bands, narrow spectral lines, pitch, silence after the end, and words lost or said twice. The teacher is flite
(Debian's package libflite1); its sound is brought to the voice's level first.

    python -m benchmarks.quality [--sentences FILE] [--first N] [--checkpoint FOLDER] [--json FILE]

How far the figures hold for other sentences shows FILE, one sentence a line. `dev_sentences.txt` beside the recipe of
the voice holds eighty that were not trained on either: whatever is tuned is tuned on them.
"""

import argparse
import itertools
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import jiwer
import librosa
import numpy as np
import scipy.signal
from pocketsphinx import Decoder

from engine.engine import Engine
from engine.errors import EngineError
from engine.request import SynthesisRequest
from engine.speech import collect
from engine.systems.vits import SPEC
from recipes.bundled_voice.data import TEACHERS
from recipes.bundled_voice.teacher import speak
from recipes.bundled_voice.texts import test_sentences

RATE = 16_000
OCTAVES = (125, 250, 500, 1000, 2000, 4000, 8000)
BARS = {"wer_excess": 0.03, "worst_band_db": 3.0, "worst_line_db": 4.0, "log_f0_correlation": 0.85, "end_dbfs": -60.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """One speaker's figures; levels in dB are the voice's minus the teacher's."""

    speaker: str
    sentences: int
    wer: float
    wer_teacher: float
    deletions: int
    deletions_teacher: int
    insertions: int
    insertions_teacher: int
    bands_db: dict[str, float]
    lines_db: dict[str, float]
    worst_line_hz: float
    worst_line_db: float
    log_f0_correlation: float
    pitch_error_hz: float
    voicing_errors: float
    length_ratio: float
    end_dbfs: float

    @property
    def failures(self) -> list[str]:
        """The bars that are missed."""
        worst_band = max(abs(value) for value in self.bands_db.values())
        checks = {
            "wer_excess": self.wer - self.wer_teacher <= BARS["wer_excess"],
            "worst_band_db": worst_band <= BARS["worst_band_db"],
            "worst_line_db": self.worst_line_db <= BARS["worst_line_db"],
            "log_f0_correlation": self.log_f0_correlation >= BARS["log_f0_correlation"],
            "end_dbfs": self.end_dbfs < BARS["end_dbfs"],
        }
        return [name for name, passed in checks.items() if not passed]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a table, and return 0 when every bar is met, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", type=Path, default=None, help="another voice of the same speakers")
    parser.add_argument("--sentences", type=Path, default=None, help="a text file, one sentence a line")
    parser.add_argument("--first", type=int, default=None, help="only so many of the sentences")
    parser.add_argument("--json", type=Path, default=None)
    options = parser.parse_args(arguments)
    texts = (read_sentences(options.sentences) if options.sentences else test_sentences())[: options.first]
    engine = Engine(device="cpu")
    results = [measure(engine, speaker, teacher, texts, options.checkpoint) for speaker, teacher in TEACHERS.items()]
    for result in results:
        for name, value in asdict(result).items():
            sys.stdout.write(f"{name:24} {_show(value)}\n")
        sys.stdout.write(f"{'bars missed':24} {', '.join(result.failures) or 'none'}\n\n")
    if options.json:
        options.json.write_text(json.dumps([asdict(result) for result in results], indent=2), encoding="utf-8")
    return 1 if any(result.failures for result in results) else 0


def read_sentences(path: Path) -> list[str]:
    """The lines of a file that are not empty. Raises RuntimeError where it cannot be read or is not plain ASCII."""
    try:
        lines = [line.strip() for line in path.read_text(encoding="ascii").splitlines()]
    except OSError as error:
        raise RuntimeError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise RuntimeError(f"{path} is not plain ASCII, and the teacher reads nothing else; rewrite it") from None
    if not any(lines):
        raise RuntimeError(f"{path} holds no sentence; write one on each line")
    return [line for line in lines if line]


def measure(engine: Engine, speaker: str, teacher: str, texts: Sequence[str], checkpoint: Path | None) -> Quality:
    """Let ``speaker`` and ``teacher`` say ``texts`` and compare them."""
    ours = [synthesize(engine, text, speaker, checkpoint) for text in texts]
    theirs = [speak(text, teacher).samples.astype(np.float32) / 32768 for text in texts]
    theirs = [sound - sound.mean() for sound in theirs]
    level = np.sqrt(np.mean(np.concatenate(ours) ** 2) / np.mean(np.concatenate(theirs) ** 2))
    theirs = [sound * level for sound in theirs]
    transcripts, transcripts_teacher = ([transcribe(sound) for sound in sounds] for sounds in (ours, theirs))
    words, words_teacher = (
        jiwer.process_words([_plain(t) for t in texts], t) for t in (transcripts, transcripts_teacher)
    )
    spectra = [long_term_spectrum(sounds) for sounds in (ours, theirs)]
    lines = prominence(spectra[0]) - prominence(spectra[1])
    hz = np.fft.rfftfreq(2048, 1 / RATE)
    audible = (hz > 300) & (hz < RATE / 2 - 50)
    worst = int(np.flatnonzero(audible)[np.argmax(lines[audible])])
    pitches = [compare_pitch(a, b) for a, b in zip(ours, theirs, strict=True)]
    pitch = np.concatenate([p for p, _ in pitches], axis=1)
    return Quality(
        speaker=speaker,
        sentences=len(texts),
        wer=words.wer,
        wer_teacher=words_teacher.wer,
        deletions=words.deletions,
        deletions_teacher=words_teacher.deletions,
        insertions=words.insertions,
        insertions_teacher=words_teacher.insertions,
        bands_db={
            f"{low}-{high}": _band(spectra[0], hz, low, high) - _band(spectra[1], hz, low, high)
            for low, high in itertools.pairwise(OCTAVES)
        },
        lines_db={str(f): float(lines[np.abs(hz - f) < 10].max()) for f in range(1000, 8000, 1000)},
        worst_line_hz=float(hz[worst]),
        worst_line_db=float(lines[worst]),
        log_f0_correlation=float(np.corrcoef(np.log(pitch))[0, 1]),
        pitch_error_hz=float(np.median(np.abs(pitch[0] - pitch[1]))),
        voicing_errors=float(np.mean([errors for _, errors in pitches])),
        length_ratio=sum(map(len, ours)) / sum(map(len, theirs)),
        end_dbfs=float(max(20 * np.log10(np.sqrt(np.mean(sound[-800:] ** 2)) + 1e-9) for sound in ours)),
    )


def synthesize(engine: Engine, text: str, speaker: str, checkpoint: Path | None) -> np.ndarray:
    """The raw samples of ``text``."""
    request = SynthesisRequest(
        system=SPEC.id, text=text, voice=speaker, options=SPEC.options(), checkpoint=checkpoint, raw=True
    )
    return collect(engine.synthesize(request), request).samples


def transcribe(sound: np.ndarray) -> str:
    """The stock recogniser's transcript, lower-case; a fresh recogniser each time, so that order does not matter."""
    decoder = Decoder(samprate=RATE, loglevel="FATAL")
    decoder.start_utt()
    decoder.process_raw((np.clip(sound, -1, 1) * 32767).astype(np.int16).tobytes(), full_utt=True)
    decoder.end_utt()
    return decoder.hyp().hypstr if decoder.hyp() else ""


def long_term_spectrum(sounds: Sequence[np.ndarray]) -> np.ndarray:
    """Mean power per bin of 7.8 Hz over all sounds."""
    return scipy.signal.welch(np.concatenate(sounds), RATE, nperseg=2048)[1]


def prominence(spectrum: np.ndarray) -> np.ndarray:
    """How far each bin stands above the median of its surroundings (100 Hz to both sides), in dB."""
    level = 10 * np.log10(spectrum + 1e-14)
    return level - scipy.ndimage.median_filter(level, 27)


def compare_pitch(ours: np.ndarray, theirs: np.ndarray) -> tuple[np.ndarray, float]:
    """F0 (2, n) of both where both are voiced, aligned by their mel cepstra, and the share of voicing errors."""
    hop = 160
    cepstra = [librosa.feature.mfcc(y=s, sr=RATE, n_mfcc=13, hop_length=hop, n_fft=512) for s in (ours, theirs)]
    path = librosa.sequence.dtw(cepstra[0], cepstra[1], metric="euclidean")[1][::-1]
    pitch = [librosa.pyin(s, fmin=50, fmax=400, sr=RATE, hop_length=hop, frame_length=1024)[0] for s in (ours, theirs)]
    pairs = np.stack([pitch[0][path[:, 0]], pitch[1][path[:, 1]]])
    voiced = ~np.isnan(pairs)
    return pairs[:, voiced.all(0)], float(np.mean(voiced[0] != voiced[1]))


def _band(spectrum: np.ndarray, hz: np.ndarray, low: float, high: float) -> float:
    return float(10 * np.log10(spectrum[(hz >= low) & (hz < high)].sum()))


def _plain(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalpha() or c in " '").strip()


def _show(value: object) -> str:
    if isinstance(value, dict):
        return "  ".join(f"{name} {number:+.1f}" for name, number in value.items())
    return f"{value:.3f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (EngineError, RuntimeError) as error:
        sys.exit(f"quality: {error}")
