"""Text to ids for one checkpoint: ours and the reference's, and what is told."""

import pytest
import torch

from engine.errors import TextError, WeightsMismatch
from engine.events import Notice
from engine.systems.minimind.front_end import MiniMindFrontEnd, front_end
from engine.systems.minimind.options import Options
from engine.systems.minimind.vocabulary import CL100K, PHONES, Bytes, Cl100k, Phonemes, cl100k
from tests.minimind import checkpoint, stored

OURS, COMPAT = Options(), Options(compat=True)


def read(vocabulary, text, options=OURS, language="en"):
    front_end = MiniMindFrontEnd(vocabulary)
    return list(front_end.read(front_end.segment(text, language, options), options))


def test_it_is_known_from_the_head_of_the_file_and_the_json_beside_it(tmp_path):
    assert front_end(checkpoint(tmp_path)).vocabulary.kind == CL100K
    assert front_end(None).languages == ("en", "zh")
    (tmp_path / "out" / "pretrain_32.pth").unlink()
    with pytest.raises(WeightsMismatch, match="no language model"):
        front_end(tmp_path / "WavTokenizer.ckpt")


@pytest.mark.parametrize("row", stored("frontend_en")[:12], ids=lambda row: row["input"][:30])
def test_under_compat_a_text_has_the_ids_of_the_reference(row):
    if row["token_ids"]:
        (said,) = read(Cl100k(), row["input"], COMPAT)
        assert list(said.ids) == row["token_ids"]


@pytest.fixture(scope="module")
def of_phones(tmp_path_factory):
    """The front end of a checkpoint with the reference's phones."""
    folder = checkpoint(tmp_path_factory.mktemp("phones"), vocabulary=PHONES, vocab_size=732)
    path = folder / "out" / "pretrain_32.pth"
    state = torch.load(path, weights_only=True)
    torch.save(state | {"tok_embeddings.weight": state["tok_embeddings.weight"][:732].clone()}, path)
    return front_end(folder)


@pytest.mark.parametrize("row", stored("frontend_zh_g2p"), ids=lambda row: row["input"])
def test_a_checkpoint_of_phones_reads_chinese_as_the_reference_does(of_phones, row):
    options = Options(compat=True, normalize=False)
    (said,) = of_phones.read(of_phones.segment(row["input"], "zh", options), options)
    assert list(said.ids) == row["ids"]


@pytest.mark.parametrize("row", stored("frontend_ja_g2p"), ids=lambda row: row["input"])
def test_a_checkpoint_of_phones_reads_japanese_with_accents_as_the_reference_does(of_phones, row):
    if row["input"] and row["with_prosody"]:
        events = of_phones.read(of_phones.segment(row["input"], "ja", COMPAT), COMPAT)
        (said,) = (event for event in events if not isinstance(event, Notice))
        assert said.phonemes.split() == row["phones"]


@pytest.mark.parametrize(
    ("transcript", "begins"),
    [("Two hours.", "T UW1"), ("两个小时。", "l iang3"), ("二時間です。", "n i [ j i")],
)
@pytest.mark.parametrize("options", [OURS, COMPAT], ids=["ours", "compat"])
def test_a_transcript_is_read_in_the_language_that_it_is_in(of_phones, transcript, begins, options):
    assert of_phones.languages == ("en", "zh", "ja")
    said = [stored("frontend_data")["symbols"][index] for index in of_phones.transcript(transcript, options)]
    assert " ".join(said).startswith(begins)


def test_ours_says_numbers_in_words_and_spaces_marks_as_transcripts_do():
    (said,) = read(Cl100k(), "It costs $5, naïve friend.")
    assert cl100k().decode(list(said.ids)) == "It costs five dollars , naïve friend ."
    (raw,) = read(Cl100k(), "It costs $5.", Options(normalize=False))
    assert cl100k().decode(list(raw.ids)) == "It costs $5."


def test_long_texts_are_cut_and_a_transcript_is_all_of_its_pieces():
    text = "One sentence is here, and it goes on for a good while. " * 6
    pieces = read(Bytes(), text)
    assert len(pieces) > 2
    ids = MiniMindFrontEnd(Bytes()).transcript(text, OURS)
    assert ids == tuple(index for piece in pieces for index in piece.ids)
    assert MiniMindFrontEnd(Bytes()).transcript(" ", OURS) == ()


def test_what_has_no_phoneme_is_told_once():
    events = read(Phonemes(), "Hello 你好 there. Again 你.")
    (notice,) = [event for event in events if isinstance(event, Notice)]
    assert "你" in notice.message
    assert "好" in notice.message


@pytest.mark.parametrize(("text", "said"), [(" ", "empty"), ("...", "no letters")])
def test_nothing_to_say_is_an_error(text, said):
    with pytest.raises(TextError, match=said):
        read(Cl100k(), text)


def test_a_text_without_any_phoneme_is_an_error():
    with pytest.raises(TextError, match="no symbol"):
        read(Phonemes(), "你好")
    with pytest.raises(TextError, match="no symbol"):
        read(Cl100k(), "~", COMPAT)
