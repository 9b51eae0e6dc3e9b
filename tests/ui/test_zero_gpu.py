"""Speaking on a ZeroGPU Space, with the real package `spaces` and a host that lends nothing."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile
from gradio_client import Client
from gradio_client.exceptions import AppError

from engine.engine import Engine
from engine.errors import RateLimited, TextError
from engine.library import Library
from engine.request import SynthesisRequest
from engine.systems.kokoro import SPEC
from tests.ports import free_port
from tests.releases import chattts_checkpoint, styletts2_checkpoint
from tests.timing import PATIENCE_S, until
from tests.valle import vallex_checkpoint
from tests.vits import published_checkpoint
from tests.zero_gpu_host import ZeroGpuHost, zero_gpu_host
from ui.zero_gpu import LEAST_S, MOST_S, Estimate, is_zero_gpu

ROOT = Path(__file__).parents[2]
TEXT = "The kettle is on, and the tea is nearly ready."
TOKEN = "head.e30.sum"  # of a visitor, as the page of a Space sends it along with Gradio's calls


@pytest.fixture
def host() -> Iterator[ZeroGpuHost]:
    with zero_gpu_host() as host:
        yield host


def told(host: ZeroGpuHost, folder: Path) -> dict[str, str]:
    """The environment of a ZeroGPU Space."""
    (folder / "cgroup").write_text("0::/space\n")
    return os.environ | {
        "SPACES_ZERO_GPU": "true",
        "SPACES_ZERO_DEVICE_API_URL": host.url,
        "ZEROGPU_PROC_SELF_CGROUP_PATH": str(folder / "cgroup"),
        "HOME": str(folder),
        "GRADIO_TEMP_DIR": str(folder / "gradio"),
        "GRADIO_ANALYTICS_ENABLED": "False",
    }


@pytest.fixture
def url(host: ZeroGpuHost, tmp_path: Path) -> Iterator[str]:
    """A studio that has been told that it is on a ZeroGPU Space."""
    command = [sys.executable, "-m", "tests.zero_gpu_studio", str(free_port()), str(tmp_path / "studio")]
    with subprocess.Popen(
        command, cwd=ROOT, env=told(host, tmp_path), stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            assert process.stdout is not None
            # What the package says of itself stands before it.
            yield next(line for line in iter(process.stdout.readline, b"") if line.startswith(b"http")).decode().strip()
        finally:
            os.killpg(process.pid, 9)  # the studio, and what was forked


def say(url: str, folder: Path, text: str = TEXT, **more: object) -> np.ndarray:
    """The samples of what a visitor hears."""
    headers = {"X-IP-Token": TOKEN}
    client = Client(url, verbose=False, download_files=folder, analytics_enabled=False, headers=headers)
    samples, _ = soundfile.read(client.predict(text, "kokoro", seed=7, api_name="/synthesize", **more), dtype="float32")
    return samples


def test_a_forked_process_speaks_for_the_visitor_while_others_are_at_work(
    host: ZeroGpuHost, url: str, tmp_path: Path
) -> None:
    assert [path for path, _ in host.asked] == ["/startup-report"]
    over, read_wrongly = threading.Event(), list[bool]()

    def read() -> None:
        """Keeps espeak, and the lock around it, busy in the parent."""
        count = 0
        while not over.is_set():
            count += 1
            asked = {"system": "kokoro", "text": f"Number {count} has a zylquorp in it."}
            read_wrongly.append(httpx.post(f"{url}studio/text", json=asked, timeout=PATIENCE_S).status_code != 200)

    readers = [threading.Thread(target=read, daemon=True) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        heard = [say(url, tmp_path, f"{TEXT} A zylquorp is in it.") for _ in range(3)]
    finally:
        over.set()
    for reader in readers:
        reader.join()
    assert read_wrongly
    assert not any(read_wrongly)
    alone = Engine(library=Library(), device="cpu").say(f"{TEXT} A zylquorp is in it.", system="kokoro", seed=7)
    for samples in heard:
        assert len(samples) == len(alone.samples)
        assert np.abs(samples - alone.samples).max() < 2e-3
    asked = host.of("/schedule")
    assert len(asked) == 3
    assert all(each["token"] == TOKEN and LEAST_S <= int(each["durationSeconds"]) <= MOST_S for each in asked)
    until(lambda: len(host.of("/release")) == 3)
    # One process was forked, and used again.
    assert len(host.of("/allow")) == 1
    assert [each["fail"] for each in host.of("/release")] == ["false"] * 3


def test_mistakes_cost_the_visitor_nothing_and_without_quota_the_processor_speaks(
    host: ZeroGpuHost, url: str, tmp_path: Path
) -> None:
    for arguments, says in (({"text": "..."}, "spoken|say"), ({"voice": "nobody"}, "nobody")):
        with pytest.raises(AppError, match=says):
            say(url, tmp_path, **arguments)
    assert host.of("/schedule") == []
    host.refusing = True
    assert len(say(url, tmp_path)) > 24_000
    assert len(host.of("/schedule")) == 1
    assert host.of("/allow") == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_system_loads_while_something_stands_in_for_the_accelerator(host: ZeroGpuHost, tmp_path: Path) -> None:
    models = tmp_path / "models"
    chattts_checkpoint(models / "chattts" / "chattts")
    styletts2_checkpoint(models / "styletts2" / "libritts", "e2e_tiny_libri", "Models/LibriTTS/epochs_2nd_00020.pth")
    vallex_checkpoint(models / "vallex" / "vallex", encodec=True)
    published_checkpoint(models / "vits" / "ours", "mb_sdp")
    program = (
        "import os, sys; from pathlib import Path; from engine.library import Library; from ui.zero_gpu import ZeroGpu;"
        "found = ZeroGpu(Library(folder=Path(sys.argv[1]))); print('loaded', *sorted(found.loaded), flush=True);"
        "print('devices', *{model.device for model in found._engine.loaded()}, flush=True); os._exit(0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(models)], cwd=ROOT, env=told(host, tmp_path),
        capture_output=True, text=True, timeout=560, check=False,
    )  # fmt: skip
    assert "loaded chattts kokoro styletts2 vallex vits\ndevices cuda\n" in done.stdout, done.stderr


def test_an_error_crosses_processes_whole() -> None:
    import pickle

    error = TextError("{count} of them in {text!r}", count=3, text="a")
    crossed = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (type(crossed), str(crossed), crossed.message.describe()) == (
        TextError,
        "3 of them in 'a'",
        error.message.describe(),
    )
    assert pickle.loads(pickle.dumps(RateLimited("wait {n}", 2.5, n=1))).wait_s == 2.5  # noqa: S301


def test_the_estimate_follows_what_was_needed() -> None:
    estimate = Estimate()
    short = SynthesisRequest(system="kokoro", text="a" * 20, options=SPEC.options())
    long = replace(short, text="a" * 1000)
    assert estimate(short) == LEAST_S
    assert estimate(long) == MOST_S
    for _ in range(20):
        estimate.learn(long, 10.0)
    assert estimate(long) == 25
    estimate.learn(long, 40.0)
    assert estimate(long) == 70
    assert estimate(replace(long, system="vits")) == MOST_S


@pytest.mark.parametrize(("said", "meant"), [("true", True), ("1", True), ("", False), ("false", False)])
def test_the_host_says_what_it_is(said: str, meant: bool) -> None:
    assert is_zero_gpu({"SPACES_ZERO_GPU": said}) is meant
    assert not is_zero_gpu({})
