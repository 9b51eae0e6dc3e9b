"""The cache hands out what was written, and closes up when rows leave."""

import torch

from engine.nn.decoding.cache import KeyValueCache


def new_cache(layers=2, rows=3):
    return KeyValueCache(layers, rows, 2, 10, 4, dtype=torch.float32, device="cpu")


def fill(cache, columns):
    """Write numbers that tell layer, row and column apart; returns what each layer may then read."""
    start, views = cache.length, cache.extend(columns)
    for layer, view in enumerate(views):
        rows = torch.arange(cache.rows).view(-1, 1, 1, 1, 1)
        view.new.copy_((100 * layer + 10 * rows + torch.arange(start, start + columns).view(-1, 1)).expand_as(view.new))
        view.new[:, 1] += 0.5
    return views


def test_what_was_written_is_read_by_its_own_layer_in_order():
    cache = new_cache()
    fill(cache, 4)
    for layer, view in enumerate(fill(cache, 1)):
        assert view.keys.shape == view.values.shape == (3, 2, 5, 4)
        for row in range(3):
            expected = (100 * layer + 10 * row + torch.arange(5.0)).view(5, 1).expand(2, 5, 4)
            assert torch.equal(view.keys[row], expected)
            assert torch.equal(view.values[row], expected + 0.5)


def test_rows_that_stay_close_up_with_all_they_have_seen():
    cache = new_cache()
    fill(cache, 3)
    cache.keep([0, 2])
    view = fill(cache, 1)[1]
    assert view.keys[:, 0, :, 0].tolist() == [[100, 101, 102, 103], [120, 121, 122, 113]]
    cache.keep([1])
    assert cache.extend(1)[0].keys[:, 0, :4, 0].tolist() == [[20, 21, 22, 13]]


def test_nothing_is_allocated_while_it_grows():
    cache = new_cache()
    places = {view.new.untyped_storage().data_ptr() for _ in range(10) for view in cache.extend(1)}
    assert len(places) == 1


def test_rows_become_copies_side_by_side():
    cache = new_cache(rows=6)
    cache.rows = 2
    fill(cache, 3)
    cache.repeat(3)
    view = cache.extend(1)[1]
    assert cache.rows == 6
    assert view.keys[:, 0, :3, 0].tolist() == [[100, 101, 102]] * 3 + [[110, 111, 112]] * 3
