"""Checkpoints, archives and recordings that nobody means well with, made by code, sent as a visitor sends them."""

import io
import json
import os
import pickle
import stat
import struct
import time
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import soundfile

from benchmarks.hostile_server import MISTAKE, SECRET, Tally, Target
from benchmarks.vits_models import configurations

PATIENCE_S = 90.0
MEMORY_MB = 700


class _Runs:
    """Pickled, it is a call of ``function`` with ``arguments``."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self._call = (function, arguments)

    def __reduce__(self) -> Any:
        return self._call


def checkpoints(target: Target, every: int) -> Tally:
    """Weights that run code, lie about their size, or are of kinds that no network takes."""
    tally = Tally(kind="hostile checkpoints")
    config = json.dumps(configurations()["mini-mb"]).encode()
    marker = target.folder / "run"
    before = target.memory_mb()
    with target.client() as client:
        for number, (name, weights) in enumerate(_weights(marker)):
            if number % every == 0:
                tally.note(name, _import(target, client, {"config.json": config, "G_1.pth": weights}))
                tally.note(f"{name} ran", "its code was run" if marker.exists() else "")
    grown = target.memory_mb() - before
    tally.note("memory", f"{grown:.0f} MB more" if grown > MEMORY_MB else "")
    return tally


def archives(target: Target, every: int) -> Tally:
    """Zips that leave their folder, burst, lie or are damaged."""
    tally = Tally(kind="hostile archives")
    with target.client() as client:
        for number, (name, content) in enumerate(_zips()):
            if number % every == 0:
                tally.note(name, _import(target, client, {"x.zip": content}))
    left = [path.name for path in target.models.glob("vits/*") if path.name.startswith((".incoming", ".trash", "x"))]
    tally.note("what is left", ", ".join(left))
    outside = list(target.folder.rglob("evil*"))
    tally.note("outside of its folder", ", ".join(map(str, outside)))
    return tally


def sounds(target: Target, every: int) -> Tally:
    """Recordings that are none, or claim to be endless."""
    tally = Tally(kind="hostile sounds")
    before = target.memory_mb()
    headers = {"Content-Type": "application/octet-stream"}
    with target.client() as client:
        for number, (name, content) in enumerate(_sounds(target)):
            if number % every == 0:
                sent = client.post("/studio/voices/chattts/recording", content=content, headers=headers)
                accepted = "it was taken" if sent.status_code == 200 else ""
                tally.note(name, target.fault(sent) or accepted)
    tally.note("fetched addresses", ", ".join(target.bait.asked))
    grown = target.memory_mb() - before
    tally.note("memory", f"{grown:.0f} MB more" if grown > MEMORY_MB else "")
    return tally


def floods(target: Target, every: int) -> Tally:
    """Announcements that cost their reader much: deep, many, long."""
    tally = Tally(kind="upload floods")
    deep = [["/".join(f"{n}-{level}" for level in range(50)) + "/x.pth" for n in range(200)]]
    deep += [["/".join(["a"] * 15) + f"/{n}.pth" for n in range(5000)], [f"Models/{n}/config.yml" for n in range(5000)]]
    deep += [["x" * 2000] * 500, [f"{n}/config.json" for n in range(5000)], ["config.json", "G_1.pth"]]
    with target.client() as client:
        for paths in deep:
            for system in ("vits", "styletts2"):
                for _ in range(max(1, 12 // every)):
                    began = time.monotonic()
                    answer = client.post("/studio/uploads", json={"id": system, "name": "x", "paths": paths})
                    took = time.monotonic() - began
                    tally.note(f"{len(paths)} paths", target.fault(answer) or (f"{took:.0f} s" if took > 20 else ""))
        tally.note("meanwhile", target.quick())
    kept = [path for path in (target.models / ".uploads").glob("*") if path.is_dir()]
    tally.note("folders kept", f"{len(kept)}" if len(kept) > 8 else "")
    return tally


def _import(target: Target, client: httpx.Client, files: dict[str, bytes]) -> str:
    """Announce, send and import; what went wrong with the refusal."""
    announced = client.post("/studio/uploads", json={"id": "vits", "name": "x", "paths": list(files)})
    if announced.status_code != 200:
        return target.fault(announced)
    key, places = announced.json()["key"], announced.json()["places"]
    for path, place in places.items():
        sent = client.put(f"/studio/uploads/{key}/{place}", content=files[path])
        if sent.status_code != 200:
            return target.fault(sent) or f"not received: {sent.text[:80]}"
    begun = client.post(f"/studio/uploads/{key}/import", json={})
    if begun.status_code != 200:
        return target.fault(begun)
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up:
        task = next(task for task in client.get("/studio/models").json()["tasks"] if task["id"] == "vits")
        if task["state"] != "running":
            return _judged(task)
        time.sleep(0.1)
    return f"not over within {PATIENCE_S:g} s"


def _judged(task: dict[str, Any]) -> str:
    said = task["message"]
    if task["state"] != "failed":
        return f"it was taken: {task['state']}"
    bad = MISTAKE in said or SECRET in said or "\n" in said or not said or len(said) > 1200
    return f"no clear line: {said[:100]!r}" if bad else ""


def _weights(marker: Path) -> Iterator[tuple[str, bytes]]:
    import torch

    touch = f"open({str(marker)!r}, 'w').close()"
    calls: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
        (os.system, (f"touch {marker}",)),
        (exec, (touch,)),
        (eval, (touch,)),
        (os.popen, (f"touch {marker}",)),
        (open, (str(marker), "w")),
        (os.mkdir, (str(marker),)),
        (__import__, ("subprocess",)),
        (torch.load, (str(marker),)),
        (Path.touch, (marker,)),
    ]
    for function, arguments in calls:
        evil = _Runs(function, *arguments)
        yield f"pickle of {function.__name__}", pickle.dumps({"model": evil}, protocol=2)
        yield f"torch of {function.__name__}", _saved({"model": {"x": evil}})
        yield f"legacy of {function.__name__}", _saved({"model": evil}, legacy=True)
    some = torch.zeros(4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, tensor in {
            "expanded view": torch.zeros(1).expand(1 << 40),
            "large view": torch.zeros(1).expand(400_000_000),
            "meta": torch.zeros(10, device="meta"),
            "sparse": torch.eye(3).to_sparse(),
            "compressed": torch.eye(3).to_sparse_csr(),
            "complex": some.to(torch.complex64),
            "quantised": torch.quantize_per_tensor(some, 0.1, 0, torch.qint8),
            "float8": some.to(torch.float8_e4m3fn),
            "nested": torch.nested.nested_tensor([some, some]),
            "not finite": some * float("nan"),
            "empty": torch.zeros(0),
        }.items():
            yield f"tensor {name}", _saved({"model": {"enc_p.emb.weight": tensor}})
    whole = _saved({"model": {f"t{n}": torch.rand(10) for n in range(5)}})
    rng = np.random.default_rng(7)
    for place in rng.integers(0, len(whole), 20):
        yield f"damaged at {place}", whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :]
    yield "cut", whole[: len(whole) // 2]
    yield "nothing", b""
    yield "deep pickle", b"\x80\x02" + b"]" * 100_000 + b"."
    yield "endless list", b"\x80\x02]" + b"K\x01a2" * 100_000 + b"."
    yield "large claim", b"\x80\x04\x95" + struct.pack("<Q", 1 << 60) + b"."
    yield "large bytes", b"\x80\x04\x8e" + struct.pack("<Q", 1 << 60)
    yield "safetensors of a large header", struct.pack("<Q", 1 << 62) + b"{"
    offsets = b'{"x": {"dtype": "F32", "shape": [1099511627776], "data_offsets": [0, 4398046511104]}}'
    yield "safetensors of large claims", struct.pack("<Q", len(offsets)) + offsets
    yield "a bomb for weights", _zipped({"archive/data.pkl": bytes(200 << 20)}, zipfile.ZIP_DEFLATED)


def _saved(held: Any, *, legacy: bool = False) -> bytes:
    import torch

    file = io.BytesIO()
    torch.save(held, file, _use_new_zipfile_serialization=not legacy)
    return file.getvalue()


def _zips() -> Iterator[tuple[str, bytes]]:
    fine = {"config.json": b"{}", "G_1.pth": b"\x80\x02N."}
    for name in ("../evil", "/evil", "a/../../evil", "..\\evil", "C:\\evil", "a:evil", "....//evil", "./../evil"):
        yield f"path {name}", _zipped({**fine, name: b"x"})
        yield f"path {name} as weights", _zipped({"config.json": b"{}", f"{name}/G_1.pth": b"x"})
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        whole = _zipped({"G_1.pth": os.urandom(100) + bytes(50_000), "config.json": b"{}"}, method)
        for place in (37, 45, 60, 90):
            yield f"damaged stream {method} {place}", whole[:place] + b"\xff" * 20 + whole[place + 20 :]
        yield f"cut {method}", whole[:-30]
    bomb = _zipped({**fine, "G_1.pth": bytes(100 << 20)}, zipfile.ZIP_DEFLATED)
    yield "bomb", bomb
    size = struct.pack("<I", 100 << 20)
    yield "bomb that lies", bomb.replace(size, struct.pack("<I", 10))
    yield "many", _zipped({f"{n}": b"" for n in range(6000)})
    yield "deep", _zipped({"/".join(["a"] * 60) + "/G_1.pth": b"", "config.json": b"{}"})
    yield "device", _zipped({"con/config.json": b"{}", "con/G_1.pth": b"x"})
    yield (
        "odd names",
        _zipped({"config.json": b"{}", "G_\n1.pth": b"", "G_\u202e.pth": b"", "G_" + "x" * 300 + ".pth": b""}),
    )
    link = zipfile.ZipInfo("G_1.pth")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    yield "link", _zipped({"config.json": b"{}", link: b"/etc/passwd"})
    locked = bytearray(_zipped(fine))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = 0
        while (start := locked.find(mark, start)) >= 0:
            locked[start + at] |= 1
            start += 4
    yield "locked", bytes(locked)
    yield "no zip", b"PK\x03\x04" + bytes(100)
    yield "empty", b""
    yield "endless directory", _zipped(fine).replace(b"PK\x05\x06", b"PK\x01\x02" * 1000 + b"PK\x05\x06")


def _zipped(files: dict[Any, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def _sounds(target: Target) -> Iterator[tuple[str, bytes]]:
    tone = 0.3 * np.sin(np.arange(44_100) / 20)
    whole = {}
    for kind in ("WAV", "FLAC", "OGG", "MP3"):
        file = io.BytesIO()
        soundfile.write(file, tone, 44_100, format=kind)
        whole[kind] = file.getvalue()
    rng = np.random.default_rng(5)
    for kind, content in whole.items():
        yield f"{kind} head alone", content[:64]
        yield f"{kind} without its head", content[200:]
        for _ in range(12):
            damaged = bytearray(content[:4000])
            for place in rng.integers(0, 120, 6):
                damaged[place] ^= int(rng.integers(1, 256))
            yield f"{kind} damaged", bytes(damaged)
    for channels, rate, bits in (
        (0, 44_100, 16),
        (65_535, 44_100, 16),
        (1, 1, 16),
        (1, 2**31, 16),
        (1, 0, 16),
        (2, 8000, 255),
    ):
        head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 2**32 - 1, b"WAVE", b"fmt ", 16, 1, channels, rate,
                           2**31, 4, bits, b"data", 2**32 - 1)  # fmt: skip
        yield f"WAV of {channels} channels, {rate} Hz, {bits} bits", head + bytes(1000)
    secret, url = target.secret, f"{target.bait.url}sound"
    for name in (f"file://{secret}", url, f"concat:{secret}|{secret}", str(secret)):
        yield f"playlist of {name}", f"#EXTM3U\n#EXTINF:10,\n{name}\n#EXT-X-ENDLIST\n".encode()
        yield f"list of {name}", f"ffconcat version 1.0\nfile '{name}'\n".encode()
        yield f"pls of {name}", f"[playlist]\nFile1={name}\n".encode()
        yield (
            f"svg of {name}",
            f'<svg xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="{name}"/></svg>'.encode(),
        )
    yield "nothing", b""
    yield "zeros", bytes(1 << 20)
    yield "text", b"hello " * 1000
    yield "an endless silence", _flac_of_zeros()


def _flac_of_zeros() -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.zeros(48_000 * 900, np.int16), 48_000, format="FLAC")
    return file.getvalue()
