"""How good the voices that ship are is measured on sentences of one's own, and bars that are missed are named."""

import dataclasses
from pathlib import Path

import pytest

from benchmarks import quality
from benchmarks.ears import Ears
from engine.engine import Engine
from engine.systems.kokoro import BUNDLED


def test_sentences_are_the_lines_of_a_file_that_are_not_empty(tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_text("Good morning.\n\n  Wie geht's, Café?  \n", encoding="utf-8")
    assert quality.read_sentences(tmp_path / "lines.txt") == ["Good morning.", "Wie geht's, Café?"]


@pytest.mark.parametrize(
    ("content", "message"), [(None, "cannot be read"), (b"\n \n", "holds no sentence"), (b"\xff", "cannot be read")]
)
def test_a_file_without_sentences_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "lines.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RuntimeError, match=message) as failure:
        quality.read_sentences(path)
    assert str(path) in str(failure.value)


def test_voices_are_judged_and_bars_are_named() -> None:
    engine, texts = Engine(device="cpu"), ["The train was late again this morning."]
    sounds = [quality.speak(engine, text, "af_clara", BUNDLED) for text in texts]
    heard = quality.judge(Ears(threads=1), texts, sounds, [sounds[0]] * len(quality.SHORT))
    assert heard.short_errors == len(quality.SHORT), "another text than theirs"
    assert 1 <= heard.naturalness <= 5
    figures = quality.Quality(
        voice="af_clara", sentences=1, ours=heard, teacher=heard, bands_db={}, length_ratio=1.0, end_dbfs=-70.0
    )
    assert {"naturalness_lost", "end_dbfs"}.isdisjoint(figures.failures)
    deaf = dataclasses.replace(heard, wer_tiny=1.0, wer_base=1.0, naturalness=1.0)
    worse = dataclasses.replace(figures, ours=deaf, end_dbfs=-20.0)
    assert set(worse.failures) >= {"wer_excess (tiny)", "wer_excess (base)", "naturalness", "end_dbfs"}


def test_speed_is_measured_on_one_thread() -> None:
    speed = quality.measure_speed(Engine(device="cpu"), "am_hugo", ["One.", "And another one."], BUNDLED)
    assert 0 < speed.megabytes <= 20
    assert speed.scaled == pytest.approx(speed.real_time_factor * speed.gflops / quality.GFLOPS)
    assert dataclasses.replace(speed, first_sound_s=9.0).failures[-1] == "first_sound_s"
