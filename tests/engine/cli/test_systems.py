"""``systems``: every fact and option, for a person and as JSON."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from engine import registry
from engine.message import Message

ROOT = Path(__file__).parents[3]


def test_systems_lists_everything_as_json(run):
    status, stdout, _ = run("systems", "--json")
    (system,) = json.loads(stdout)
    assert status == 0
    assert list(system) == [
        "id",
        "name",
        "purpose",
        "summary",
        "state",
        "languages",
        "tokens",
        "sample_rate",
        "max_chars",
        "clones",
        "rewrites",
        "voices",
        "labels",
        "licences",
        "options",
    ]
    assert (system["id"], system["state"], system["voices"]) == ("fake", "ready", ["alto", "bass"])
    assert system["licences"] == {"code": "Apache-2.0", "weights": "none"}
    options = {option["name"]: option for option in system["options"]}
    level = {"type": "float", "default": 0.5, "minimum": 0.0, "maximum": 1.0, "help": "Peak of the sine."}
    assert options["level"]["label"] == "Level"
    assert level.items() <= options["level"].items()
    assert options["partials"]["type"] == "int"
    assert options["shape"]["choices"] == ["sine", "square"]
    assert (options["compat"]["type"], options["compat"]["default"]) == ("bool", False)


def test_systems_is_readable(run, make_fake_spec):
    status, stdout, _ = run("systems", specs=(make_fake_spec("one"), make_fake_spec("two", bundled=False)))
    assert status == 0
    for word in ("one: The one system (ready)", "two: The two system (needs a checkpoint)", "0..1", "sine|square"):
        assert word in stdout


def test_options_and_voices_are_called_what_the_page_calls_them(run, make_fake_spec):
    spec = replace(make_fake_spec(), labels=lambda names: {names[0]: Message("A high one")})
    (system,) = json.loads(run("systems", "--json", specs=(spec,))[1])
    assert (system["purpose"], system["labels"]) == ("Hums", {"alto": "A high one"})
    _, stdout, _ = run("systems", specs=(spec,))
    assert "alto (A high one), bass" in stdout
    assert "Level. Peak of the sine." in stdout


def test_options_of_one_group_are_listed_together(run):
    status, stdout, _ = run("systems", specs=(registry.find("chattts"),))
    assert status == 0
    lines = stdout.splitlines()
    assert lines.index("  refining") < next(n for n, line in enumerate(lines) if line.startswith("    refine_seed"))
    assert "0..4294967295" in stdout


def test_a_system_is_ready_when_a_checkpoint_is_on_disk_and_a_damaged_one_hides_nothing(run, tmp_path):
    spec = registry.find("vits")
    (before,) = json.loads(run("systems", "--json", "--models-dir", tmp_path, specs=(spec,))[1])
    assert before["state"] == "downloadable"
    own = tmp_path / "vits" / "mine"
    own.mkdir(parents=True)
    (own / "config.json").write_text("{")
    (own / "G_1.pth").write_bytes(b"")
    status, stdout, _ = run("systems", "--json", "--models-dir", tmp_path, specs=(spec,))
    (after,) = json.loads(stdout)
    assert (status, after["state"], after["voices"]) == (0, "ready", [])


def test_the_program_lists_the_real_systems_without_torch():
    code = "import sys; from engine.cli import main; main(['systems', '--json']); sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    first, vits = json.loads(done.stdout)[:2]
    assert (first["id"], first["state"], vits["id"]) == ("kokoro", "ready", "vits")
    assert {"noise_scale", "noise_scale_w", "length_scale", "cleaned", "compat"} <= {o["name"] for o in vits["options"]}
