"""The doctor: nothing to say where all is well, and a line with a remedy for whatever is not."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from pathlib import Path

import pytest

from engine import doctor
from engine.cli import main
from engine.engine import Engine
from engine.errors import EngineError
from engine.hub import Hub
from engine.library import Library
from engine.registry import systems

OFFLINE = Hub(offline=True)


def look(spec, folder: Path | None = None, hub: Hub = OFFLINE) -> list[doctor.Finding]:
    library = Library((spec,), folder)
    environment = {"HF_HUB_CACHE": str(folder)} if folder else {"HF_HUB_CACHE": "nowhere"}
    return list(doctor.examine(Engine((spec,), device="cpu", library=library), library, hub, environment))


def named(findings: list[doctor.Finding], name: str) -> list[doctor.Finding]:
    return [finding for finding in findings if finding.name == name]


@pytest.fixture
def endpoint() -> Iterator[str]:
    """A server that answers everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_everything_works_with_the_voice_that_ships(tmp_path: Path) -> None:
    findings = look(systems()[0], tmp_path)
    assert [f for f in findings if f.state == "error"] == []
    order = list(dict.fromkeys(finding.name for finding in findings))
    expected = ["python", "packages", "device", "memory", "disk", "models", "cache", "network"]
    assert order == [*expected, "languages", "espeak", "audio", "voice"]
    assert named(findings, "espeak")[0].fact == "reads hello as həlˈoʊ"
    assert named(findings, "audio")[0].fact.startswith("wav flac mp3 ogg opus:")
    assert "says 0." in named(findings, "voice")[0].fact
    assert all("\n" not in finding.fact for finding in findings)


def test_packages_that_are_missing_or_others_are_named(tmp_path: Path) -> None:
    numpy = metadata.version("numpy")
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(
        f"# pins\n\nnumpy=={numpy}\nsoundfile==0.0.1\nno-such-package-here==1.0\nother==1; python_version < '3'\n"
    )
    other, missing, summary = doctor.packages(requirements)
    assert (other.state, missing.state, summary.state) == ("warning", "error", "ok")
    assert other.fact == f"soundfile is {metadata.version('soundfile')}; ==0.0.1 was tested"
    assert missing.fact == "no-such-package-here is not installed"
    assert "requirements.txt" in missing.advice
    assert summary.fact.startswith("1 of 3")


def test_a_local_build_of_the_tested_version_is_the_tested_version(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text(f"torch=={metadata.version('torch').partition('+')[0]}\n")
    assert [finding.state for finding in doctor.packages(tmp_path / "r.txt")] == ["ok"]


def test_endpoints_that_answer_and_those_that_do_not(endpoint: str) -> None:
    up, down = doctor.network(Hub(endpoints=[endpoint, "http://127.0.0.1:9"]))
    assert (up.state, down.state) == ("ok", "warning")
    assert up.fact.startswith(f"{endpoint} answers in ")
    assert "HF_ENDPOINT" in down.advice
    assert {finding.state for finding in doctor.network(OFFLINE)} == {"ok"}


def test_a_folder_that_cannot_be_is_an_error_and_a_full_disk_a_warning(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "file").write_text("")
    models, results = doctor.disk(tmp_path / "file" / "models")
    assert (models.state, results.state) == ("error", "ok")
    assert "--models-dir" in models.advice
    models, _ = doctor.disk(tmp_path / "not" / "yet" / "there")
    assert models.state == "ok"
    assert not (tmp_path / "not").exists()
    assert len(list(doctor.disk(None))) == 1
    monkeypatch.setattr(doctor, "LEAST_DISK", 1 << 60)
    models, _ = doctor.disk(tmp_path)
    assert (models.state, "make room" in models.advice) == ("warning", True)


def test_a_voice_that_fails_or_cannot_be_heard_is_an_error(make_fake_spec) -> None:
    def state(spec) -> tuple[str, str]:
        [finding] = doctor.guarded("voice", lambda: doctor.voice(Engine((spec,), device="cpu")))
        return finding.state, finding.fact

    assert state(make_fake_spec())[0] == "ok"
    assert state(make_fake_spec(failure=EngineError("the weights are gone"))) == ("error", "the weights are gone")
    assert state(make_fake_spec(failure=KeyError("x"))) == ("error", "KeyError: 'x'")
    assert "nobody can hear" in state(make_fake_spec(seconds_per_character=0.001))[1]
    assert state(make_fake_spec(bundled=False))[0] == "warning"


def test_a_package_that_cannot_be_imported_is_a_finding_with_a_remedy() -> None:
    def check() -> Iterator[doctor.Finding]:
        yield doctor.Finding(name="x", state="ok", fact="so far")
        import no_such_package_here  # noqa: F401

    first, second = doctor.guarded("x", check)
    assert first.state == "ok"
    assert (second.name, second.state, second.advice) == ("x", "error", doctor.REINSTALL)
    assert "no_such_package_here" in second.fact


@pytest.mark.parametrize("failure", [None, RuntimeError("broken\ninside")])
def test_the_command_says_a_line_each_and_its_status_whether_all_is_well(
    make_fake_spec, failure, tmp_path, capsys
) -> None:
    specs = (make_fake_spec(failure=failure),)
    status = main(["doctor", "--offline", "--models-dir", str(tmp_path)], specs)
    out, err = capsys.readouterr()
    assert (status, err) == (1 if failure else 0, "")
    *lines, last = out.splitlines()
    assert all(line.startswith(("ok ", "warning ", "ERROR ")) for line in lines)
    assert last == ("errors: 1, warnings: 0" if failure else "all is well")
    assert main(["doctor", "--offline", "--models-dir", str(tmp_path), "--json"], specs) == status
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is (failure is None)
    assert len(report["findings"]) == len(lines)
    assert set(report["findings"][0]) == {"name", "state", "fact", "advice"}
    if failure:
        assert report["findings"][-1]["fact"] == "RuntimeError: broken inside"
