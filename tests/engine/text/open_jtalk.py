"""Open JTalk as the tests have it: the labels that pyopenjtalk 0.4.1 gave with the NAIST dictionary 1.11, recorded.

``OPEN_JTALK_DICT_DIR=... python -m tests.engine.text.open_jtalk`` records them anew, where the package is installed.
"""

import gzip
import json
from pathlib import Path

import pytest

from engine.systems.vallex import compat, reading, text
from engine.text.ja import open_jtalk

GOLDENS = Path(__file__).parents[2] / "goldens" / "valle"
RECORDED = GOLDENS / "open_jtalk_labels.json.gz"
# What the tests read with our own front end.
TEXTS = (
    "こんにちは、世界。2023/9/10の10:30に、3.14kgのりんごを¥1,234で買った。東京。😀",
    "你好。こんにちは。Hello.",
    "[JA]東京[JA]と[ZH]北京[ZH]",
    "I like 北京烤鸭 very much, and すし too!",
    "iPhoneとHello worldとNHK。",
    "今日は天気がいいですね。明日はどうですか？ OK、行きましょう！",
    "Line one\n第三行\n\n四行目です",
    "畑には丂がある。",
    "-5度から10%まで。",
)


class Recording:
    """Stands for the package: answers what was recorded, and nothing else."""

    def __init__(self) -> None:
        with gzip.open(RECORDED, "rt", encoding="utf-8") as file:
            self._labels = json.load(file)

    def extract_fullcontext(self, written: str) -> list[str]:
        return self._labels[written]


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """For one test."""
    recording = Recording()
    monkeypatch.setattr(open_jtalk, "_library", lambda: recording)


def record() -> None:
    """What the goldens and TEXTS ask for."""
    library, labels = open_jtalk._library(), {}

    class Recorder:
        def extract_fullcontext(self, written: str) -> list[str]:
            labels[written] = library.extract_fullcontext(written)
            return labels[written]

    open_jtalk._library = Recorder
    for row in json.loads((GOLDENS / "frontend_vallex.json").read_text(encoding="utf-8")):
        compat.tokens(row["input"])
    for each in TEXTS:
        front_end = text.FrontEnd()
        list(front_end.prepared(front_end.segments(each, "en")))
        list(front_end.prepared(front_end.segments(each, "ja")))
    reading.read_japanese("がっこう")
    ordered = {key: labels[key] for key in sorted(labels)}
    RECORDED.write_bytes(gzip.compress(json.dumps(ordered, ensure_ascii=False).encode("utf-8"), 9, mtime=0))


if __name__ == "__main__":
    record()
