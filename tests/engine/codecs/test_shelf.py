"""Which codecs are found among models."""

from engine.codecs.shelf import shelved
from tests.valle import encodec_file, encodec_folder, vocos_folder
from tests.wavtokenizer import lightning_file


def test_codecs_are_found_beside_models_and_once(tmp_path):
    assert shelved([tmp_path]) == ()
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    encodec_file(one)
    assert [way.id for way in shelved([one, other])] == ["encodec"]
    encodec_folder(other / "encodec")
    vocos_folder(other / "vocos")
    own = lightning_file(other / "wavtokenizer", "codec75", name="small_320.ckpt")
    ways = shelved([one, other, other])
    assert [(way.id, way.file) for way in ways] == [("encodec", ""), ("vocos", ""), ("wavtokenizer-1", "small_320")]
    assert ways[0].path == one / "encodec_24khz-small.th"
    lightning_file(other, "codec40", name="small_600.ckpt")
    assert [way.file for way in shelved([one, other]) if way.codec == "wavtokenizer"] == ["small_600", "small_320"]
    assert ways[1].vocos == other / "vocos"
    assert (ways[2].path, ways[2].kbps) == (own, ())
