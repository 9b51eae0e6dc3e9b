"""The public checkpoint: what it consists of, and that its licence is said in plain words."""

from engine.systems.chattts.files import NEEDED, SURPLUS
from engine.systems.chattts.releases import PUBLISHED, RELEASES


def test_every_published_file_is_held_to_its_hash():
    (release,) = RELEASES
    assert release.repo == "2Noise/ChatTTS"
    assert {file.path: file.sha256 for file in release.files} == dict(PUBLISHED)
    assert set(PUBLISHED) == {*NEEDED, *SURPLUS}
    assert all(len(file.sha256) == 64 for file in release.files)


def test_the_licence_restricts_and_says_so():
    (release,) = RELEASES
    assert release.terms.restricted
    assert release.terms.name == "CC BY-NC 4.0"
    assert "commercial" in release.terms.summary
