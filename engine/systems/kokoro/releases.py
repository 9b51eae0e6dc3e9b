"""The public checkpoints, docs/systems/kokoro.md#public-checkpoints."""

import json
from pathlib import Path

from engine.release import Merits, Release, RemoteFile, Terms
from engine.systems.kokoro.files import CONFIG, FOLDER
from engine.systems.kokoro.languages import CHINESE_CODES, CODES

APACHE = Terms(
    name="Apache-2.0",
    summary="Use it for anything, also commercially; keep the licence and its notices with copies of the weights. The "
    "model's card names the open recordings that it was trained on, some of which ask for attribution (Creative "
    "Commons).",
    commercial=True,
)
# By the grades that the model's card gives the best voice of each language: A, then C or better or none, then D.
MERITS = {
    "en": Merits(naturalness=4, speed=2, voice="af_heart"),
    "fr": Merits(naturalness=3, speed=2, voice="ff_siwis"),
    "ja": Merits(naturalness=3, speed=2, voice="jf_alpha"),
    "hi": Merits(naturalness=3, speed=2, voice="hf_alpha"),
    "it": Merits(naturalness=3, speed=2, voice="if_sara"),
    "es": Merits(naturalness=3, speed=2, voice="ef_dora"),
    "pt": Merits(naturalness=3, speed=2, voice="pf_dora"),
    "zh": Merits(naturalness=2, speed=2, voice="zf_xiaobei"),
}
# Of each voice the sum and the size.
VOICES = json.loads(Path(__file__).with_name("voices_v1_0.json").read_text(encoding="utf-8"))
ENGLISH_OF_CHINESE = ("af_maple", "af_sol", "bf_vale")
# The Chinese voices are numbered from 1 to 100; these are women's.
WOMEN = (
    *range(1, 9), *range(17, 20), *range(21, 25), *range(26, 29), 32, 36, *range(38, 41), *range(42, 45),
    *range(46, 50), 51, 59, 60, 67, *range(70, 80), *range(83, 89), 90, *range(92, 95), 99,
)  # fmt: skip
KNOWN = {"zf_001": "9bdc9a87e13e9bb1ea3e7803259c2ecbfebaeeb2ff80b5d0c76df1a464c1c962"}


def _pack(name: str, sha256: str | None = None, size: int | None = None) -> RemoteFile:
    return RemoteFile(path=f"{FOLDER}/{name}.pt", sha256=sha256, size=size)


RELEASES = (
    Release(
        name="v1_0",
        title="Kokoro 82M, version 1.0: 54 voices, eight languages",
        repo="hexgrad/Kokoro-82M",
        revision="f3ff3571791e39611d31c381e3a41a3af07b4987",
        files=(
            RemoteFile(
                path=CONFIG,
                size=2351,
                sha256="5abb01e2403b072bf03d04fde160443e209d7a0dad49a423be15196b9b43c17f",
            ),
            RemoteFile(
                path="kokoro-v1_0.pth",
                size=327_212_226,
                sha256="496dba118d1a58f5f3db2efc88dbdc216e0483fc89fe6e47ee1f2c53f18ad1e4",
            ),
            *(_pack(name, *held) for name, held in VOICES.items()),
        ),
        languages=CODES,
        terms=APACHE,
        source="https://huggingface.co/hexgrad/Kokoro-82M",
        merits=MERITS,
    ),
    Release(
        name="v1_1-zh",
        title="Kokoro 82M, version 1.1 for Chinese: 103 voices",
        repo="hexgrad/Kokoro-82M-v1.1-zh",
        revision="01e7505bd6a7a2ac4975463114c3a7650a9f7218",
        files=(
            RemoteFile(path=CONFIG, sha256="bc333efa5ce4ceff433c8c8e5d027a1eca0166001e4e4a62bea2d26ff7a46890"),
            RemoteFile(
                path="kokoro-v1_1-zh.pth", sha256="b1d8410fa44dfb5c15471fd6c4225ea6b4e9ac7fa03c98e8bea47a9928476e2b"
            ),
            *(_pack(name) for name in ENGLISH_OF_CHINESE),
            *(_pack(name, KNOWN.get(name)) for name in (f"zf_{number:03}" for number in WOMEN)),
            *(_pack(f"zm_{number:03}") for number in range(1, 101) if number not in WOMEN),
        ),
        languages=CHINESE_CODES,
        terms=APACHE,
        source="https://huggingface.co/hexgrad/Kokoro-82M-v1.1-zh",
        about_bytes=381_000_000,
        merits={"zh": Merits(naturalness=3, speed=2, voice="zf_001")},
    ),
)
