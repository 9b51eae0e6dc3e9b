"""A model is lent out and given back, whatever happens in between; what memory says becomes one line."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import Busy, OutOfMemory, WeightsMissing
from engine.library import Library
from engine.models import Models, how_to_get
from engine.release import Release, RemoteFile, Terms
from engine.steps import finish
from engine.system import SystemSpec


def models_of(*specs: SystemSpec, places: int | None = 1) -> Models:
    library = Library(specs)
    return Models(library, device="cpu", dtype="auto", places=places, queue=0, models=1, idle_s=None)


def test_a_borrowed_model_takes_a_place_until_it_is_given_back(fake_spec: SystemSpec) -> None:
    models = models_of(fake_spec)
    model = finish(models.borrow(fake_spec, None))
    assert (model.device, model.dtype, model.system.voices()) == ("cpu", "float32", ("alto", "bass"))
    [loaded] = models.loaded()
    assert (loaded.system, loaded.checkpoint, loaded.bytes, loaded.requests) == ("fake", fake_spec.bundled, 4000, 1)
    with pytest.raises(Busy):
        finish(models.borrow(fake_spec, None))
    model.release()
    model.release()
    with finish(models.borrow(fake_spec, None)).at_work() as system:
        assert system is model.system
    assert [loaded.requests for loaded in models.loaded()] == [0]
    assert models.unload(lambda key: key.system == "other") == 0
    assert models.unload(lambda key: str(key) == f"fake of {fake_spec.bundled}") == 1


def test_a_system_says_how_many_a_cpu_serves_at_once(fake_spec: SystemSpec) -> None:
    sociable = replace(fake_spec, cpu_places=3)
    models = models_of(sociable, places=None)
    borrowed = [finish(models.borrow(sociable, None)) for _ in range(3)]
    with pytest.raises(Busy, match="all 3 places are taken"):
        finish(models.borrow(sociable, None))
    for model in borrowed:
        model.release()


@pytest.mark.parametrize(
    ("failure", "becomes", "words"),
    [
        (MemoryError(), OutOfMemory, "ran out of memory on cpu; try a shorter text"),
        (RuntimeError("CUDA out of memory."), OutOfMemory, "ran out of memory on cpu"),
        (RuntimeError("[enforce fail] can't allocate memory"), OutOfMemory, "ran out of memory on cpu"),
        (RuntimeError("shapes do not fit"), RuntimeError, "shapes do not fit"),
        (GeneratorExit("closed"), GeneratorExit, "closed"),
    ],
)
def test_whatever_ends_the_work_gives_the_model_back(
    fake_spec: SystemSpec, failure: BaseException, becomes: type[BaseException], words: str
) -> None:
    models = models_of(fake_spec)
    model = finish(models.borrow(fake_spec, None))
    with pytest.raises(becomes, match=words), model.at_work():
        raise failure
    assert [loaded.requests for loaded in models.loaded()] == [0]


def test_a_model_that_does_not_fit_and_one_that_is_not_there_say_so(fake_spec: SystemSpec, tmp_path: Path) -> None:
    def load(*_: object):
        raise MemoryError
        yield

    large = replace(fake_spec, load=load)
    models = models_of(large)
    with pytest.raises(OutOfMemory, match="does not fit into the memory of cpu; unload other models"):
        finish(models.borrow(large, None))
    assert models.loaded() == ()
    with pytest.raises(WeightsMissing, match="nothing does not exist"):
        finish(models.borrow(fake_spec, tmp_path / "nothing"))


def test_how_to_get_a_checkpoint_names_the_first_that_can_be_fetched(
    make_fake_spec: Callable[..., SystemSpec],
) -> None:
    spec = make_fake_spec(bundled=False)
    assert how_to_get(spec) == "name one in its public layout"
    facts = {"title": "x", "revision": "main", "languages": ("en",), "terms": Terms(name="MIT", summary="Free.")}
    files = (RemoteFile(path="a"),)
    releases = (
        Release(name="by-hand", repo="", files=files, **facts),
        Release(name="open", repo="choir/songs", files=files, **facts),
    )
    spec = replace(spec, releases=releases)
    assert "python -m engine models download fake/open" in how_to_get(spec)
    with pytest.raises(WeightsMissing, match=r"none is installed.*models download fake/open"):
        finish(models_of(spec).borrow(spec, None))
