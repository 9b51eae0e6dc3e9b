"""What holds places without asking for anything, what kills the server while it saves, and long texts of odd runs."""

import json
import os
import random
import signal
import socket
import threading
import time
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import numpy as np

from benchmarks.hostile_server import Tally, Target, served
from engine import voice_store
from engine.errors import VoiceError
from engine.request import Voice
from engine.text.sanitize import sanitize

LONG = "This is one of many sentences that take their time. " * 800
PLACES = 2
FREE_S = 45.0


def idlers(target: Target, count: int) -> Tally:
    """Half requests and bodies that do not come, many at once; others are served meanwhile."""
    tally = Tally(kind="half-open and silent connections")
    half = [b"", b"GET /studio/status HTTP/1.1\r\nHost: ", b"POST /studio/speak HTTP/1.1\r\nX-Slow: x\r\n"]
    silent = _head(target, "studio/speak", 1000) + b"{"
    recording = _head(target, "studio/voices/chattts/recording", 1 << 20, "audio/flac") + b"fLaC"
    with ExitStack() as open_ones:
        for number in range(count):
            sent = [*half, silent, recording][number % 5]
            open_ones.enter_context(_connect(target, sent))
            tally.note(f"connection {number}", target.quick() if number % 40 == 39 else "")
        headers = {"Content-Type": "audio/flac"}
        answer = httpx.post(f"{target.url}studio/voices/chattts/recording", content=b"x", headers=headers, timeout=60)
        tally.note("a recording meanwhile", "" if answer.status_code == 400 else f"{answer.status_code}")
        tally.note("speech meanwhile", _spoken(target))
    return tally


def unread(target: Target) -> Tally:
    """Listeners that read nothing, and calls that nobody asks the answer of: their places are free again soon."""
    tally = Tally(kind="unread sound")
    wanted = json.dumps({"text": LONG, "system": "kokoro"}).encode()
    with ExitStack() as open_ones:
        for _ in range(PLACES):
            open_ones.enter_context(_connect(target, _head(target, "studio/speak", len(wanted)) + wanted, room=8192))
        tally.note("listeners that read nothing", _free_soon(target))
    data = [LONG, "kokoro", "", "", 0, "{}", "", ""]
    for _ in range(PLACES + 1):
        httpx.post(f"{target.url}gradio_api/call/synthesize", json={"data": data}, timeout=60)
    tally.note("calls that nobody listens to", _free_soon(target))
    for _ in range(PLACES + 1):
        with httpx.stream("POST", f"{target.url}studio/speak", content=wanted, headers=JSON, timeout=60) as answer:
            next(answer.iter_raw())
        tally.note("a listener that leaves", target.fault(answer, b""))
    tally.note("listeners that leave", _free_soon(target))
    return tally


def crowd(target: Target, count: int) -> Tally:
    """Many who speak at once: each is served or told to wait."""
    tally = Tally(kind="clients at once")

    def speak(number: int) -> str:
        try:
            asked = {"text": f"Number {number}.", "system": "kokoro"}
            answer = httpx.post(f"{target.url}studio/speak", json=asked, timeout=120)
        except httpx.HTTPError as error:
            return type(error).__name__
        return str(answer.status_code)

    with ThreadPoolExecutor(count) as people:
        answers = list(people.map(speak, range(count)))
    for answer in answers:
        tally.note("a client", "" if answer in ("200", "429") else answer)
    tally.note("served", "" if answers.count("200") >= PLACES else f"only {answers.count('200')}")
    tally.note("afterwards", _free_soon(target))
    return tally


def texts(target: Target, size: int) -> Tally:
    """Long runs of one kind: reading them holds nobody up."""
    tally = Tally(kind="texts of odd runs")
    if not _runs_are_capped():
        tally.skipped = "this engine does not cap runs of combining marks yet"
        return tally
    runs = [
        "\u0301",
        "\u0301\u0327",
        "#",
        "1",
        "1,",
        "'",
        '"',
        "$",
        "٣",
        " ",
        "( ",
        "a.",
        "'s",
        "-",
        "½",
        "한",
        "\u0e33",
        "%",
        "*",
    ]
    with target.client(90) as client:
        for run in runs:
            text = "a" + (run * size)[:size]
            for system, voice in (("kokoro", ""), ("kokoro", text)):
                body = {"text": text if not voice else "Hi.", "system": system, "voice": voice}
                began = time.monotonic()
                waiting = threading.Timer(0.3, lambda: None)
                waiting.start()
                with client.stream("POST", "/studio/speak", json=body) as answer:
                    first = next(answer.iter_raw(), b"")
                    slow = target.quick()
                took = time.monotonic() - began
                late = f"{took:.0f} s" if took > 30 else ""
                tally.note(f"{run!r} as {'voice' if voice else 'text'}", target.fault(answer, first) or slow or late)
            named = client.post("/studio/voices/vits/save", json={"voice": "", "name": text})
            tally.note(f"{run!r} as name", target.fault(named))
    return tally


def kills(folder: Path, count: int, seed: int = 3) -> Tally:
    """Kill the program while it saves; whatever is on the disk afterwards is whole, and what is not goes."""
    tally = Tally(kind="kill -9 while saving")
    draw = random.Random(seed)
    for number in range(count):
        try:
            with served(folder) as target:
                _check_disk(target, tally)
                savers = [threading.Thread(target=_save_on, args=(target, f"{number}x{who}")) for who in range(3)]
                for saver in savers:
                    saver.start()
                _until_saving(target)
                time.sleep(draw.uniform(0.0, 2.0))
                os.kill(target.process.pid, signal.SIGKILL)
                target.process.wait()
                for saver in savers:
                    saver.join(60)
        except (httpx.HTTPError, IndexError) as error:
            tally.note("start", f"it does not start: {error}")
    with served(folder) as target:
        _check_disk(target, tally)
        saved = list((target.models / "voices").rglob("*.safetensors"))
        tally.note("voices", "" if saved else "none was saved, so nothing was seen")
        tally.note("afterwards", _spoken(target))
    return tally


JSON = {"Content-Type": "application/json"}


def _check_disk(target: Target, tally: Tally) -> None:
    """Every saved voice is whole; nothing is left of what was on its way."""
    for path in (target.models / "voices").rglob("*.safetensors"):
        if not path.name.startswith("."):
            try:
                voice_store.load(path)
                tally.note(path.name, "")
            except VoiceError as error:
                tally.note(path.name, str(error))
    left = [str(path) for path in target.models.glob("*/.incoming-*") if path.is_dir()]
    left += [str(path) for path in (target.models / ".uploads").glob("*") if path.is_dir()]
    temporary = [path for path in (target.folder / "temporary").glob("polyphone-*") if path.is_dir()]
    left += [f"{len(temporary)} temporary folders"] if len(temporary) > 1 else []
    tally.note("what is left of the last one", ", ".join(left))


def _until_saving(target: Target) -> None:
    """Wait for a voice of this or an earlier server: on a busy machine the first takes a while."""
    give_up = time.monotonic() + FREE_S
    while not any((target.models / "voices").rglob("*.safetensors")) and time.monotonic() < give_up:
        time.sleep(0.05)


def _save_on(target: Target, name: str) -> None:
    """Save voices and bring checkpoints until the server is gone."""
    data = _voice_file(target.folder / f"{name}.safetensors")
    config = b"{}" + b" " * (1 << 20)
    try:
        with target.client(20) as client:
            for number in range(1000):
                where = f"/studio/voices/chattts/file?name=v{name}n{number}.safetensors"
                client.post(where, content=data, headers={"Content-Type": "application/octet-stream"})
                announced = {"id": "vits", "name": name, "paths": ["config.json", "G_1.pth"]}
                key = client.post("/studio/uploads", json=announced).json()["key"]
                for place in ("config.json", "G_1.pth"):
                    client.put(f"/studio/uploads/{key}/{place}", content=config)
                client.post(f"/studio/uploads/{key}/import", json={})
                client.post("/studio/speak", json={"text": "Hi.", "system": "kokoro"})
    except (httpx.HTTPError, KeyError, ValueError):
        pass  # it was killed


def _voice_file(path: Path) -> bytes:
    # A sample, and so much besides that writing it takes a moment.
    tensors = {"codes": np.zeros((4, 100), np.int64), "more": np.zeros(500_000, np.float32)}
    voice_store.save(Voice(system="chattts", name="x", tensors=tensors), path)
    return path.read_bytes()


def _free_soon(target: Target) -> str:
    """Whether somebody who asks again and again speaks within ``FREE_S``."""
    give_up = time.monotonic() + FREE_S
    said = ""
    while time.monotonic() < give_up:
        said = _spoken(target)
        if not said:
            return ""
        time.sleep(0.5)
    return f"no place within {FREE_S:g} s: {said}"


def _spoken(target: Target) -> str:
    """What keeps a short text from being spoken; "" for nothing."""
    try:
        answer = httpx.post(f"{target.url}studio/speak", json={"text": "Hi.", "system": "kokoro"}, timeout=FREE_S)
    except httpx.HTTPError as error:
        return type(error).__name__
    if answer.status_code != 200:
        return f"{answer.status_code} {answer.text[:80]}"
    return "" if b'"finished"' in answer.content else f"unfinished: {answer.content[-120:]!r}"


def _connect(target: Target, sent: bytes, room: int = 0) -> socket.socket:
    url = httpx.URL(target.url)
    connection = socket.socket()
    if room:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    connection.settimeout(30)
    connection.connect((url.host, url.port))
    connection.sendall(sent)
    return connection


def _head(target: Target, path: str, length: int, kind: str = "application/json") -> bytes:
    host = httpx.URL(target.url).netloc.decode()
    lines = [f"POST /{path} HTTP/1.1", f"Host: {host}", f"Content-Type: {kind}", f"Content-Length: {length}", "", ""]
    return "\r\n".join(lines).encode()


def _runs_are_capped() -> bool:
    """Whether reading grows with the text alone, so that the attack is one on this engine and not a known fault."""

    def cost(read: Callable[[str], object], size: int) -> float:
        began = time.process_time()
        read("a" + "\u0301\u0327" * size)
        return time.process_time() - began

    assert unicodedata.combining("\u0301")
    return cost(lambda text: sanitize(text, max_chars=100_000), 8000) < 0.3
