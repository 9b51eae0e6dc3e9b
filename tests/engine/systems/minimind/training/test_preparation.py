"""Codes and ids are made once, and are what the codec and the front end give."""

import numpy as np
import torch

from engine.audio.decode import read
from engine.codecs import wavtokenizer
from engine.systems.minimind.training.config import read_run
from engine.systems.minimind.training.preparation import prepare, prepare_share, read_prepared, shelf_of
from engine.training.recordings import listed

CPU = torch.device("cpu")


def test_codes_are_the_codecs_and_ids_those_that_the_model_is_given_when_it_speaks(make_run):
    config = make_run()
    run = read_run(config)
    found = listed(run.recordings)
    assert [progress.total for progress in prepare_share(config)] == [8]
    utterances = read_prepared(run, found, 128).utterances
    codec = wavtokenizer.load(run.codec)
    for recording, utterance in zip(found, utterances, strict=True):
        sound = torch.from_numpy(read(recording.path, sample_rate=24_000, min_seconds=0)).unsqueeze(0)
        assert utterance.codes.tolist() == codec.encode(sound)[0, 0].tolist()
        assert bytes(utterance.ids.tolist()).decode() == recording.text
        assert utterance.speaker in ("speaker0", "speaker1")


def test_what_is_there_is_not_made_again(make_run):
    run = read_run(make_run())
    found, shelf = listed(run.recordings), shelf_of(read_run(make_run()))
    shares = [list(prepare(run, found, CPU, rank, 3)) for rank in range(3)]
    assert [each[-1].total for each in shares] == [3, 3, 2]
    assert list(prepare(run, found, CPU, 0, 1)) == []
    lost = shelf.place(found[4])
    kept = shelf.place(found[5]).stat().st_mtime_ns
    lost.unlink()
    list(prepare(run, found, CPU, 0, 1))
    assert lost.exists()
    assert shelf.place(found[5]).stat().st_mtime_ns == kept


def test_another_text_codec_or_vocabulary_has_files_of_its_own(make_run, tmp_path):
    run = read_run(make_run())
    first = listed(run.recordings)[0]
    places = {shelf_of(run).place(first)}
    first.path.with_suffix(".txt").write_text("another text")
    places.add(shelf_of(run).place(listed(run.recordings)[0]))
    places.add(shelf_of(read_run(make_run(model={"vocabulary": "phonemes"}))).place(first))
    with (tmp_path / "codec" / "WavTokenizer.ckpt").open("ab") as file:
        file.write(b"other")
    places.add(shelf_of(run).place(first))
    assert len(places) == 4


def test_sequences_without_room_are_left_out(make_run):
    config = make_run()
    run = read_run(config)
    list(prepare_share(config))
    everything = read_prepared(run, listed(run.recordings), 10_000)
    columns = [each.columns for each in everything.utterances]
    assert columns == [len(each.ids) + len(each.codes) + 3 for each in everything.utterances]
    some = read_prepared(run, listed(run.recordings), int(np.median(columns)))
    assert [each.columns for each in some.utterances] == [n for n in columns if n <= int(np.median(columns))]
    assert sum(some.left_out.values()) == 8 - len(some.utterances) > 0
