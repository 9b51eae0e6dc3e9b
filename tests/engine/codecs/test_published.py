"""The public WavTokenizers are kept as models are: fetched, found as codecs, verified, brought, and refused."""

import pytest
import torch

from engine import registry
from engine.codecs.companions import WAVTOKENIZERS
from engine.codecs.published import SPEC, check, pick
from engine.errors import WeightsMismatch, WeightsMissing
from engine.hub import Hub
from engine.library import Library
from engine.steps import finish
from tests.hub_server import FakeHub
from tests.wavtokenizer import lightning_file


def test_every_public_one_is_a_release_with_its_terms():
    assert registry.codecs() == (SPEC,)
    assert [release.name for release in SPEC.releases] == [each.name for each in WAVTOKENIZERS]
    for release, public in zip(SPEC.releases, WAVTOKENIZERS, strict=True):
        weights, *yaml = release.files
        assert (release.repo, weights.path, weights.optional) == (public.repo, public.path, False)
        assert [(file.path, file.optional) for file in yaml] == ([(public.yaml, True)] if public.yaml else [])
        assert release.terms.commercial is None
        assert public.data in release.note


def test_one_is_fetched_found_as_a_codec_and_verified(tmp_path):
    release = SPEC.releases[0]
    held = lightning_file(tmp_path / "public")
    with FakeHub({release.repo: {release.files[0].path: held}}) as hub:
        library = Library((), tmp_path / "models", Hub(endpoints=[hub.url]), codecs=registry.codecs())
        assert [card.state for card in library.cards()] == ["downloadable"] * len(SPEC.releases)
        assert library.codecs() == ()
        folder = finish(library.download(f"wavtokenizer/{release.name}"))
        assert finish(library.verify(f"wavtokenizer/{release.name}")) == ()
    (found,) = library.codecs()
    assert (found.codec, found.path) == ("wavtokenizer", folder / release.files[0].path)


def test_a_users_own_is_checked_before_it_is_kept(tmp_path):
    library = Library((), tmp_path / "models", codecs=registry.codecs())
    held = lightning_file(tmp_path / "mine")
    assert finish(library.bring("wavtokenizer", held)) == "wavtokenizer/WavTokenizer"
    assert [found.path.name for found in library.codecs()] == ["WavTokenizer.ckpt"]
    torch.save({"state_dict": {"enc.weight": torch.zeros(2)}}, tmp_path / "another.ckpt")
    with pytest.raises(WeightsMissing, match="there is no WavTokenizer in"):
        finish(library.bring("wavtokenizer", tmp_path / "another.ckpt"))
    assert len(library.codecs()) == 1
    (tmp_path / "half.ckpt").write_bytes(held.read_bytes()[:-1000])
    with pytest.raises(WeightsMismatch, match=r"half\.ckpt cannot be read"):
        finish(library.bring("wavtokenizer", tmp_path / "half.ckpt"))


def test_a_choice_is_weights_with_what_is_told_of_them():
    assert pick(["a.yaml", "b.ckpt", "c/d.ckpt", "README.md"]) == ("b.ckpt", "a.yaml")
    assert pick(["a.yaml", "c/d.ckpt"]) == ()


def test_a_folder_without_one_is_refused(tmp_path):
    with pytest.raises(WeightsMissing, match=r"give a \.ckpt or \.safetensors"):
        check(tmp_path)
