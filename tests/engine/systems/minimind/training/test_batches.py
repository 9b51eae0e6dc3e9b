"""Batches: everything once, pairs of one speaker, shares of processes, and no surprise."""

import numpy as np
import pytest

from engine.errors import ConfigError
from engine.systems.minimind.networks.lm import SPEECH
from engine.systems.minimind.training.batches import Batches
from engine.systems.minimind.training.preparation import Utterance


def utterances(count=23):
    return [
        Utterance(np.arange(3 + n % 5, dtype=np.int32), np.full(4 + n, n, np.uint16), f"s{n % 2}", str(n))
        for n in range(count)
    ]


def test_an_epoch_has_everything_and_another_epoch_another_order():
    batches = Batches(utterances=utterances(), batch_size=4, longest=100, seed=1)
    first, second = batches.of_epoch(0), batches.of_epoch(1)
    assert len(first) == len(batches) == 6
    assert {item for batch in first for item in batch} == {(n,) for n in range(23)}
    assert first == batches.of_epoch(0)
    assert first != second


def test_processes_have_shares_of_the_same_number():
    whole = utterances()
    parts = [Batches(utterances=whole, batch_size=2, longest=100, seed=1, replicas=3, rank=rank) for rank in range(3)]
    epochs = [part.of_epoch(5) for part in parts]
    assert {len(epoch) for epoch in epochs} == {len(parts[0])}
    assert {item for epoch in epochs for batch in epoch for item in batch} == {(n,) for n in range(23)}


def test_pairs_are_of_one_speaker_and_have_room():
    whole = utterances()
    batches = Batches(utterances=whole, batch_size=4, longest=40, seed=1, pairs=1.0)
    items = [item for batch in batches.of_epoch(0) for item in batch]
    pairs = [item for item in items if len(item) == 2]
    assert len(pairs) > 5
    for first, second in pairs:
        assert whole[first].speaker == whole[second].speaker
        assert first != second
        assert whole[first].columns + whole[second].columns - 3 <= 40
    assert {item[0] for item in items} == set(range(23))


def test_a_pairs_texts_are_joined_and_its_codes():
    whole = utterances()
    batches = Batches(utterances=whole, batch_size=1, longest=100, seed=1)
    laid = batches.laid([(2, 4)])
    codes = laid.ids[0][laid.kinds[0] == SPEECH].tolist()
    assert codes == [2] * 6 + [4] * 8
    assert laid.kinds.shape[1] == whole[2].columns + whole[4].columns - 3


def test_without_data_there_is_no_training():
    with pytest.raises(ConfigError, match="no recording is left"):
        Batches(utterances=[], batch_size=1, longest=100, seed=1)
