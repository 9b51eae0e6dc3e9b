"""What is on disk, what can be had, and the ways between: with a real hub on loopback."""

import dataclasses
import json
import os
from pathlib import Path

import pytest

from engine.engine import Engine
from engine.errors import InUse, NotFound, Offline, TermsNotAccepted, UnknownSystem, WeightsMismatch, WeightsMissing
from engine.hub import Hub
from engine.library import Library, default_folder
from engine.release import RemoteFile
from engine.steps import finish
from engine.system import SystemSpec
from tests.engine.library.conftest import VOICES, WEIGHTS
from tests.hub_server import FakeHub


def states(library: Library) -> dict[str, str]:
    return {card.name: card.state for card in library.cards()}


def make(folder: Path, **files: bytes) -> Path:
    """A folder with files; two underscores in a name stand for a dot."""
    folder.mkdir(parents=True)
    for name, content in files.items():
        folder.joinpath(name.replace("__", ".")).write_bytes(content)
    return folder


def test_every_state_of_a_checkpoint_is_told(library: Library, folder: Path) -> None:
    make(folder / "fake" / "mine", voices__json=VOICES, model__bin=WEIGHTS)
    make(folder / "fake" / "half", voices__json=VOICES)
    assert states(library) == {
        "built-in": "ready",
        "open": "downloadable",
        "bound": "downloadable",
        "by-hand": "needs your file",
        "never": "not published",
        "half": "needs your file",
        "mine": "ready",
    }
    assert list(library.installed("fake")) == ["built-in", "mine"]
    card = library.card("fake/open")
    assert (card.size, card.exact, card.on_disk, card.removable) == (500_000, False, 0, False)
    assert library.card("fake/mine").on_disk == len(VOICES) + len(WEIGHTS)
    json.dumps([card.describe() for card in library.cards()])


def test_a_download_clears_away_parts_that_were_left_a_month_ago(library: Library, folder: Path) -> None:
    old, fresh = (make(folder / "fake" / name, model__bin__part=b"half") / "model.bin.part" for name in ("old", "new"))
    os.utime(old, (0, 0))
    finish(library.download("fake/open"))
    assert (old.exists(), fresh.exists()) == (False, True)


def test_an_optional_file_is_fetched_where_it_is_and_missed_by_nobody(
    spec: SystemSpec, folder: Path, server: FakeHub
) -> None:
    release = spec.releases[0]
    files = (RemoteFile(path="extra.zip", optional=True), *release.files)
    spec = dataclasses.replace(spec, releases=(dataclasses.replace(release, files=files),))
    library = Library((spec,), folder, Hub(endpoints=[server.url], ledger=folder / ".ledger.json"))
    checkpoint = finish(library.download("fake/open"))
    assert states(library)["open"] == "ready"
    assert finish(library.verify("fake/open")) == ()
    server.repos["choir/songs"]["extra.zip"] = b"more"
    finish(library.download("fake/open"))
    assert (checkpoint / "extra.zip").read_bytes() == b"more"
    (checkpoint / "extra.zip").write_bytes(b"less")
    assert finish(library.verify("fake/open")) == ("extra.zip",)
    library.delete("fake/open")
    brought = make(folder / "brought", voices__json=VOICES, model__bin=WEIGHTS)
    brought.joinpath("weights").mkdir()
    brought.joinpath("model.bin").rename(brought / "weights" / "big.bin")
    finish(library.bring("fake/open", brought))
    assert states(library)["open"] == "ready"


def test_a_download_brings_all_files_to_their_places_and_is_then_ready_without_a_network(
    library: Library, folder: Path, server: FakeHub, spec: SystemSpec
) -> None:
    steps = list(library.download("fake/open"))
    assert folder.joinpath("fake/open/voices.json").read_bytes() == VOICES
    assert folder.joinpath("fake/open/model.bin").read_bytes() == WEIGHTS
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[-1].done == steps[-1].total == len(VOICES) + len(WEIGHTS)
    asked = len(server.log)
    alone = Library((spec,), folder, Hub(offline=True, ledger=folder / ".ledger.json"))
    assert alone.installed("fake")["open"] == folder / "fake" / "open"
    assert finish(alone.download("fake/open")) == folder / "fake" / "open"
    assert finish(alone.verify("fake/open")) == ()
    assert len(server.log) == asked


def test_a_download_that_is_closed_goes_on_later(library: Library, folder: Path, server: FakeHub) -> None:
    server.faults.bps = 400_000
    steps = library.download("fake/open")
    for step in steps:
        if step.done > 100_000:
            break
    steps.close()
    part = folder / "fake" / "open" / "model.bin.part"
    arrived = part.stat().st_size
    assert arrived > 50_000
    assert states(library)["open"] == "partly here"
    assert "open" not in library.installed("fake")
    server.faults.bps = None
    finish(library.download("fake/open"))
    assert server.asked("cdn")[-1].range == f"bytes={arrived}-"
    assert folder.joinpath("fake/open/model.bin").read_bytes() == WEIGHTS
    assert not part.exists()


def test_terms_that_restrict_are_accepted_once_and_that_is_kept(
    library: Library, spec: SystemSpec, folder: Path
) -> None:
    with pytest.raises(TermsNotAccepted, match=r"fake/bound is under CC-BY-NC-4\.0: Not for money\."):
        finish(library.download("fake/bound"))
    assert not folder.joinpath("fake").exists()
    library.accept("fake/bound")
    assert library.card("fake/bound").accepted
    assert not library.card("fake/open").accepted
    finish(library.download("fake/bound"))
    library.delete("fake/bound")
    assert Library((spec,), folder).card("fake/bound").accepted


def test_other_terms_are_asked_for_anew(library: Library, spec: SystemSpec, folder: Path) -> None:
    library.accept("fake/bound")
    stricter = dataclasses.replace(spec.releases[1].terms, name="CC-BY-NC-ND-4.0")
    changed = dataclasses.replace(spec, releases=(dataclasses.replace(spec.releases[1], terms=stricter),))
    assert not Library((changed,), folder).card("fake/bound").accepted


def test_what_users_bring_shows_the_terms_of_a_system_whose_weights_are_all_restricted(
    spec: SystemSpec, folder: Path, server: FakeHub
) -> None:
    bound = dataclasses.replace(spec, releases=spec.releases[1:2])
    library = Library((bound,), folder, Hub(endpoints=[server.url]))
    make(folder / "fake" / "mine", voices__json=VOICES, model__bin=WEIGHTS)
    finish(library.download("fake:me/mine"))  # shown, not asked for: nobody knows whether it holds
    for name in ("mine", "me--mine"):
        terms = library.card(f"fake/{name}").terms
        assert (terms.name, terms.restricted) == ("CC-BY-NC-4.0", True)
        assert terms.summary.startswith("Polyphone does not know the licence of this one")
        assert terms.summary.endswith("what is made from them: Not for money.")
    mixed = Library((spec,), folder)
    assert (mixed.card("fake/mine").terms.name, mixed.card("fake/mine").terms.restricted) == ("its own", False)


def test_offline_says_which_file_where_it_goes_and_how_to_bring_it(spec: SystemSpec, folder: Path) -> None:
    library = Library((spec,), folder, Hub(offline=True))
    with pytest.raises(Offline, match=r"voices\.json of choir/songs") as missing:
        finish(library.download("fake/open"))
    assert str(folder / "fake" / "open" / "voices.json") in str(missing.value)
    with pytest.raises(WeightsMissing, match=r"by-hand/model\.bin. Ask its author\. .*models import fake/by-hand FILE"):
        finish(library.download("fake/by-hand"))
    with pytest.raises(WeightsMissing, match=r"is not published\. Nobody has trained it"):
        finish(library.download("fake/never"))


def test_a_file_put_in_its_place_by_hand_counts(library: Library, folder: Path, server: FakeHub) -> None:
    make(folder / "fake" / "open", voices__json=VOICES, model__bin=WEIGHTS)
    assert states(library)["open"] == "ready"
    finish(library.download("fake/open"))
    assert server.log == []
    make(folder / "fake" / "by-hand", model__bin=WEIGHTS)
    assert library.card("fake/by-hand").missing == ("voices.json",)
    finish(library.download("fake/by-hand"))  # what the project itself ships comes beside it
    assert states(library)["by-hand"] == "ready"


def test_a_repository_of_the_users_own_brings_only_what_makes_a_checkpoint(
    library: Library, folder: Path, spec: SystemSpec
) -> None:
    assert finish(library.download("fake:me/mine")) == folder / "fake" / "me--mine"
    assert sorted(path.name for path in (folder / "fake" / "me--mine").iterdir()) == ["model.bin", "voices.json"]
    card = library.card("fake/me--mine")
    assert (card.state, card.repo, card.revision, card.own) == ("ready", "me/mine", "main", True)
    folder.joinpath("fake/me--mine/model.bin").unlink()
    assert library.card("fake/me--mine").missing == ("model.bin",)
    finish(library.download("fake/me--mine"))  # from where it came
    assert library.card("fake/me--mine").state == "ready"
    assert Library((spec,), folder, Hub(offline=True)).card("fake:me/mine").state == "ready"


@pytest.mark.parametrize("id", ["fake:me/mine@../../x", "fake:../mine", "fake:me/..", "fake:/etc/x", "fake:me/a/b"])
def test_a_repository_with_an_odd_name_is_no_repository(library: Library, folder: Path, id: str) -> None:  # noqa: A002
    with pytest.raises((WeightsMissing, UnknownSystem)):
        finish(library.download(id))
    assert not folder.exists()


def test_a_repository_without_a_checkpoint_or_that_nobody_has_is_refused(library: Library) -> None:
    with pytest.raises(WeightsMismatch, match="choir/songs holds no checkpoint in the public layout of The fake"):
        finish(library.download("fake:choir/songs"))
    with pytest.raises(NotFound):
        finish(library.download("fake:nobody/nothing"))


def test_damage_is_found(library: Library, folder: Path) -> None:
    finish(library.download("fake/open"))
    path = folder / "fake" / "open" / "model.bin"
    path.write_bytes(b"\1" + WEIGHTS[1:])
    assert finish(library.verify("fake/open")) == ("model.bin",)
    mine = make(folder / "fake" / "mine", voices__json=VOICES, model__bin=b"broken")
    with pytest.raises(WeightsMismatch, match="is damaged"):
        finish(library.verify("fake/mine"))
    mine.joinpath("model.bin").write_bytes(WEIGHTS)
    assert finish(library.verify("fake/mine")) == ()
    with pytest.raises(WeightsMissing, match="not here yet"):
        finish(library.verify("fake/bound"))


def test_delete_removes_one_folder_below_the_models_and_nothing_else(
    library: Library, folder: Path, tmp_path: Path
) -> None:
    elsewhere = make(tmp_path / "elsewhere", voices__json=VOICES, model__bin=WEIGHTS)
    make(folder / "fake" / "mine", voices__json=VOICES, model__bin=WEIGHTS)
    folder.joinpath("fake", "linked").symlink_to(elsewhere)
    library.delete("fake/linked")
    assert elsewhere.joinpath("model.bin").exists()
    library.delete("fake/mine")
    assert list(folder.joinpath("fake").iterdir()) == []
    for id in ("fake/built-in", "fake/open", "fake/../../elsewhere", "fake/", "fake/.."):  # noqa: A001
        with pytest.raises(WeightsMissing):
            library.delete(id)
    assert elsewhere.joinpath("model.bin").exists()


def test_a_model_in_memory_is_not_deleted(library: Library, folder: Path) -> None:
    mine = make(folder / "fake" / "mine", voices__json=VOICES, model__bin=WEIGHTS)
    with pytest.raises(InUse, match="unload it first"):
        library.delete("fake/mine", loaded=[mine])
    assert mine.exists()


def test_the_last_use_is_noted_by_the_engine(spec: SystemSpec, folder: Path) -> None:
    folder.mkdir()
    library = Library((spec,), folder)
    assert library.card("fake/built-in").last_used == 0
    engine = Engine((spec,), device="cpu", library=library)
    list(engine.prepare("fake"))
    assert library.card("fake/built-in").last_used > 1.7e9


def test_damaged_records_cost_no_more_than_themselves(library: Library, folder: Path) -> None:
    make(folder / "fake" / "mine", voices__json=VOICES, model__bin=WEIGHTS)
    for content in ("[]", "{", '{"origins": {"fake/mine": 3}, "used": {"fake/mine": "x"}, "accepted": 7}'):
        folder.joinpath(".library.json").write_text(content)
        assert library.card("fake/mine").state == "ready"
        assert library.card("fake/mine").last_used == 0
    library.accept("fake/bound")
    assert library.card("fake/bound").accepted


def test_the_folder_of_models_is_where_the_platform_keeps_data() -> None:
    assert default_folder({"POLYPHONE_MODELS_DIR": "/m"}) == Path("/m")
    assert default_folder({"XDG_DATA_HOME": "/d"}, "linux") == Path("/d/polyphone/models")
    assert default_folder({}, "linux") == Path.home() / ".local/share/polyphone/models"
    assert default_folder({}, "darwin") == Path.home() / "Library/Application Support/polyphone/models"
    assert default_folder({"LOCALAPPDATA": "/a"}, "win32") == Path("/a/polyphone/models")
