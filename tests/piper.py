"""Piper's repository in small, for the tests' hub: its list, cards and samples, and the files of a reduced voice.

with FakeHub(piper_repository()) as hub:
    ...  # vits/de_DE-anna-low is found, downloaded from hub.url, held to its sums
"""

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from engine.systems.vits.catalogue import REPOSITORY

GOLDENS = Path(__file__).parent / "goldens" / "piper"
VOICE = GOLDENS / "en_US-tiny-low.onnx"
LANGUAGES = {
    "de_DE": ("Deutsch", "German", "Germany"),
    "en_GB": ("English", "English", "Great Britain"),
    "en_US": ("English", "English", "United States"),
    "fr_FR": ("Français", "French", "France"),
    "is_IS": ("íslenska", "Icelandic", "Iceland"),
    "pt_PT": ("Português", "Portuguese", "Portugal"),
    "zh_CN": ("简体中文", "Chinese", "China"),
}
# The voices by their keys, with the licence that the card of each states and the number of its speakers.
VOICES = {
    "de_DE-anna-low": ("CC BY 4.0", 1),
    "de_DE-eva_k-x_low": ("CC0", 1),
    "de_DE-thorsten_emotional-medium": ("CC0", 8),
    "en_GB-alan-medium": ("See URL", 1),
    "en_US-joe-medium": ("CC0", 1),
    "en_US-libritts_r-high": ("CC BY 4.0", 904),
    "fr_FR-siwis-medium": ("CC BY-NC-SA 4.0", 1),
    "is_IS-bui-medium": ("Unknown", 1),
    "pt_PT-tugão-medium": ("", 1),
    "zh_CN-huayan-x_low": ("MIT", 1),
}
LESSAC = "## Training\n\nFinetuned from U.S. English lessac voice (medium quality).\n"


def folder_of(key: str) -> str:
    """Where a voice lies in the repository."""
    code, name, quality = key.split("-")
    return f"{code.split('_')[0]}/{code}/{name}/{quality}"


def card_of(key: str, licence: str) -> bytes:
    """A voice's card as they are written."""
    more = LESSAC if "joe" in key else ""
    stated = f"* License: {licence}\n" if licence else ""
    return f"# Model card for {key}\n\n* Samplerate: 16,000Hz\n\n## Dataset\n\n* URL: https://x.org/{key}\n{stated}\n{more}".encode()


def listed(key: str, files: dict[str, bytes], speakers: int = 1) -> dict[str, Any]:
    """What the list says of a voice with these files."""
    code, name, quality = key.split("-")
    native, english, country = LANGUAGES[code]
    family, region = code.split("_")
    return {
        "key": key,
        "name": name,
        "language": {
            "code": code,
            "family": family,
            "region": region,
            "name_native": native,
            "name_english": english,
            "country_english": country,
        },
        "quality": quality,
        "num_speakers": speakers,
        "speaker_id_map": {str(number): number for number in range(speakers)} if speakers > 1 else {},
        "files": {
            path: {"size_bytes": len(data), "md5_digest": hashlib.md5(data, usedforsecurity=False).hexdigest()}
            for path, data in files.items()
        },
        "aliases": [f"{code.lower().replace('_', '-')}-{name}-{quality}"],
    }


# The other catalogue of the system, which lists one language.
MMS = {"facebook/mms-tts": {"README.md": b"Supported Languages\n\n- kab\n"}}


def piper_repository(voices: dict[str, tuple[str, int]] = VOICES) -> dict[str, dict[str, bytes | Path]]:
    """What a hub serves; every voice has the files of the same reduced one, and the German ones a sample each."""
    served: dict[str, bytes | Path] = {}
    index = {}
    weights, config = VOICE.read_bytes(), VOICE.with_suffix(".onnx.json").read_bytes()
    for key, (licence, speakers) in voices.items():
        folder = folder_of(key)
        card = card_of(key, licence)
        files = {f"{folder}/{key}.onnx": weights, f"{folder}/{key}.onnx.json": config, f"{folder}/MODEL_CARD": card}
        index[key] = listed(key, files, speakers)
        served |= files
        if key.startswith("de_DE"):
            served[f"{folder}/samples/speaker_0.mp3"] = sample()
    served["voices.json"] = json.dumps(index, ensure_ascii=False).encode()
    return {REPOSITORY: served}


def sample() -> bytes:
    """A second of a tone as MP3."""
    sound = io.BytesIO()
    tone = 0.2 * np.sin(2 * np.pi * 330 * np.arange(16_000) / 16_000)
    soundfile.write(sound, tone, 16_000, format="MP3")
    return sound.getvalue()
