"""A crowd at the door of the speech API: python -m benchmarks.load [--seconds 600] [--clients 50] [--url URL]

Clients of four kinds ask for short and long texts, one after another: those who listen, those who read slowly, those
who go away in the midst, and those who want events. Each must be answered in full or told to wait (429 with
Retry-After), and waits then. Told at the end: how many were which, how long the first sound took (p50, p95), and the
memory of the server over time, which must not grow. Without --url the studio itself is started on a free port, in a
process of its own, with the voices that ship.
"""

import argparse
import asyncio
import base64
import contextlib
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parent.parent
TEXTS = (
    "Yes.",
    "The kettle is on, and the tea is nearly ready.",
    "Good morning! The train to Oxford leaves at 9:45 from platform 3. Would you like me to wake you at 8?",
    "Once upon a time there lived a clockmaker who was never on time. His clocks were perfect. It was only he himself "
    "who always came too late, and nobody in the town could say why. One winter he began to build a clock for himself.",
)
FORMATS = ("mp3", "opus", "aac", "flac", "wav", "pcm")
KINDS = ("listens", "listens", "reads slowly", "goes away", "wants events")
PATIENCE_S = 330.0  # a little longer than somebody may wait for a place before they are told to come again
MEMORY = "process_resident_memory_bytes"


@dataclass(slots=True)
class Told:
    """What became of the requests: numbers by outcome, and the seconds to each first sound."""

    outcomes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("whole", "left", "told to wait"), 0))
    problems: list[str] = field(default_factory=list)
    first_s: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)

    def table(self) -> str:
        """All of it in lines."""
        rows = [("requests", str(sum(self.outcomes.values()) + len(self.problems)))]
        rows += [(outcome, str(count)) for outcome, count in self.outcomes.items()]
        rows += [("neither", str(len(self.problems)))]
        if len(self.first_s) > 1:
            cuts = statistics.quantiles(self.first_s, n=20)
            rows += [("first sound, p50", f"{cuts[9]:.2f} s"), ("first sound, p95", f"{cuts[18]:.2f} s")]
        if self.memory_mb:
            middle = self.memory_mb[len(self.memory_mb) // 2]
            shown = f"{self.memory_mb[0]:.0f}, {middle:.0f}, {self.memory_mb[-1]:.0f} MiB"
            rows += [("memory at first, midway, at last", shown)]
        width = max(len(name) for name, _ in rows)
        return "\n".join([*(f"{name:<{width}}  {value}" for name, value in rows), *sorted(set(self.problems))])


async def crowd(url: str, *, clients: int, seconds: float, key: str = "", model: str = "tts-1") -> Told:
    """Let ``clients`` ask for ``seconds`` and finish what they have begun."""
    told, until = Told(), time.monotonic() + seconds
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    limits = httpx.Limits(max_connections=clients + 2)
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=PATIENCE_S, limits=limits) as http:
        watching = asyncio.create_task(_watch(http, told))
        await asyncio.gather(*(_client(http, number, until, model, told) for number in range(clients)))
        watching.cancel()
        await _read_memory(http, told)
    return told


async def _client(http: httpx.AsyncClient, number: int, until: float, model: str, told: Told) -> None:
    chance, kind = random.Random(number), KINDS[number % len(KINDS)]
    while time.monotonic() < until:
        body = {"model": model, "input": chance.choice(TEXTS), "voice": chance.choice(("alloy", "ash"))}
        body["response_format"] = chance.choice(FORMATS)
        if kind == "wants events":
            body["stream_format"] = "sse"
        try:
            await _ask(http, kind, body, chance, told)
        except httpx.HTTPError as error:
            told.problems.append(f"{kind}: {type(error).__name__} {error}"[:200])


async def _ask(http: httpx.AsyncClient, kind: str, body: dict[str, str], chance: random.Random, told: Told) -> None:
    began = time.monotonic()
    async with http.stream("POST", "v1/audio/speech", json=body) as answer:
        if answer.status_code == 429:
            told.outcomes["told to wait"] += 1
            wait_s = float(answer.headers["retry-after"])
            await answer.aread()
            await asyncio.sleep(wait_s * (0.5 + chance.random()))
            return
        if answer.status_code != 200:
            told.problems.append(f"{kind}: {answer.status_code} {(await answer.aread())[:120]!r}")
            return
        pieces = _sound(answer) if kind == "wants events" else answer.aiter_bytes(2048)
        size, first = 0, True
        async for piece in pieces:
            if first:
                told.first_s.append(time.monotonic() - began)
                first = False
                if kind == "goes away":
                    told.outcomes["left"] += 1
                    return
            size += len(piece)
            if kind == "reads slowly":
                await asyncio.sleep(0.1)
        if size:
            told.outcomes["whole"] += 1
        else:
            told.problems.append(f"{kind}: an answer without sound")


async def _sound(answer: httpx.Response) -> AsyncIterator[bytes]:
    """The sound in server-sent events. Raises httpx.HTTPError when they end with anything but their end."""
    last: dict[str, Any] = {}
    async for line in answer.aiter_lines():
        if line.startswith("data: "):
            last = json.loads(line.removeprefix("data: "))
            if last.get("type") == "speech.audio.delta":
                yield base64.b64decode(last["audio"])
    if last.get("type") != "speech.audio.done":
        raise httpx.ReadError(f"the events end with {str(last)[:120]}")


async def _watch(http: httpx.AsyncClient, told: Told) -> None:
    while True:
        await _read_memory(http, told)
        await asyncio.sleep(2.0)


async def _read_memory(http: httpx.AsyncClient, told: Told) -> None:
    answer = await http.get("metrics")
    for line in answer.text.splitlines():
        if line.startswith(f"{MEMORY} "):
            told.memory_mb.append(float(line.split()[1]) / 2**20)


@contextlib.contextmanager
def started(*flags: str) -> Iterator[str]:
    """The address of a studio in a process of its own, once it can speak."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(ROOT / "webui.py"), "--port", str(port), "--offline", *flags]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().decode().split()[-1]
            while httpx.get(f"{url}ready", timeout=60).status_code != 200:
                time.sleep(0.5)
            yield url
        finally:
            process.terminate()
            process.wait(30)


def main() -> int:
    """Run it and tell; the status is 1 when somebody was neither answered nor told to wait."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--seconds", type=float, default=600.0)
    flags.add_argument("--clients", type=int, default=50)
    flags.add_argument("--url", default="", help="of a studio that runs already, such as http://127.0.0.1:7860/")
    flags.add_argument("--key", default=os.environ.get("POLYPHONE_KEY", ""))
    flags.add_argument("--model", default="tts-1")
    chosen = flags.parse_args()
    with contextlib.nullcontext(chosen.url) if chosen.url else started() as url:
        asked = {"clients": chosen.clients, "seconds": chosen.seconds, "key": chosen.key, "model": chosen.model}
        told = asyncio.run(crowd(url, **asked))
    sys.stdout.write(f"{chosen.clients} clients, {chosen.seconds:g} s\n{told.table()}\n")
    return 1 if told.problems else 0


if __name__ == "__main__":
    sys.exit(main())
