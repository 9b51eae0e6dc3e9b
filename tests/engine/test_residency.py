"""Leases, places, the queue and eviction, with models that are plain objects."""

import gc
import threading
import time
import weakref
from collections.abc import Generator

import pytest

from engine.errors import Busy
from engine.events import Progress
from engine.residency import Lease, Residency
from engine.steps import finish
from tests.timing import PATIENCE_S, until


class Model:
    def __init__(self, name: str) -> None:
        self.name = name


def loader(name: str, log: list[str], *, fail: bool = False):
    def load() -> Generator[Progress, None, Model]:
        log.append(name)
        yield Progress(done=0, total=1, label="loading")
        if fail:
            raise ValueError(name)
        return Model(name)

    return load


def drain(generator: Generator[Progress, None, Lease]) -> tuple[Lease, list[str]]:
    labels: list[str] = []
    return finish(generator, lambda progress: labels.append(progress.label)), labels


def keys(residency: Residency) -> list[str]:
    return [model.key for model in residency.loaded()]


def use(residency: Residency, name: str) -> None:
    drain(residency.lease(name, loader(name, []), places=4))[0].release()


def test_one_model_is_lent_to_several_requests_and_loaded_once() -> None:
    residency, log = Residency(), []
    first, labels = drain(residency.lease("a", loader("a", log), places=2))
    second, more = drain(residency.lease("a", loader("a", log), places=2))
    assert first.system is second.system
    assert (log, labels, more) == (["a"], ["loading"], [])


def test_a_request_beyond_the_places_waits_its_turn_and_sees_its_place() -> None:
    residency, log = Residency(queue=2), []
    lease, _ = drain(residency.lease("a", loader("a", log), places=1))
    one, two = (residency.lease("a", loader("a", log), places=1) for _ in range(2))
    assert next(one).label == "waiting: place 1 in the queue"
    assert next(two).label == "waiting: place 2 in the queue"
    lease.release()
    assert next(two).label == "waiting: place 2 in the queue", "the first in the queue goes first"
    first, _ = drain(one)
    assert next(two).label == "waiting: place 1 in the queue"
    first.release()
    second, _ = drain(two)
    second.release()
    assert log == ["a"]


def test_a_full_queue_answers_busy_at_once() -> None:
    residency, log = Residency(queue=1), []
    drain(residency.lease("a", loader("a", log), places=1))
    waiting = residency.lease("a", loader("a", log), places=1)
    next(waiting)
    with pytest.raises(Busy, match="1 requests are waiting"):
        next(residency.lease("a", loader("a", log), places=1))


def test_patience_has_an_end() -> None:
    residency, log = Residency(patience_s=0.05), []
    drain(residency.lease("a", loader("a", log), places=1))
    with pytest.raises(Busy, match="no place became free"):
        drain(residency.lease("a", loader("a", log), places=1))


def test_closing_a_waiting_request_gives_up_its_place_in_the_queue() -> None:
    residency, log = Residency(queue=1), []
    lease, _ = drain(residency.lease("a", loader("a", log), places=1))
    waiting = residency.lease("a", loader("a", log), places=1)
    next(waiting)
    waiting.close()
    lease.release()
    drain(residency.lease("a", loader("a", log), places=1))[0].release()


def test_an_idle_model_makes_room_for_another_and_a_busy_one_does_not() -> None:
    residency, log = Residency(models=1), []
    lease, _ = drain(residency.lease("a", loader("a", log), places=2))
    other = residency.lease("b", loader("b", log), places=2)
    assert next(other).label.startswith("waiting")
    lease.release()
    drain(other)[0].release()
    assert keys(residency) == ["b"]


@pytest.mark.parametrize("how", ["close", "fail"])
def test_a_load_that_does_not_finish_leaves_its_place_to_the_next(how: str) -> None:
    residency, log = Residency(), []
    loading = residency.lease("a", loader("a", log, fail=how == "fail"), places=1)
    next(loading)
    if how == "close":
        loading.close()
    else:
        with pytest.raises(ValueError, match="a"):
            next(loading)
    drain(residency.lease("a", loader("a", log), places=1))[0].release()
    assert log == ["a", "a"]


def test_a_second_request_waits_for_a_model_that_is_being_loaded() -> None:
    residency, log = Residency(), []
    loading = residency.lease("a", loader("a", log), places=2)
    next(loading)
    second = residency.lease("a", loader("a", log), places=2)
    assert next(second).label.startswith("waiting")
    first, _ = drain(loading)
    shared, _ = drain(second)
    assert shared.system is first.system
    assert log == ["a"]


def test_releasing_twice_frees_one_place_only() -> None:
    residency, log = Residency(queue=1), []
    first, _ = drain(residency.lease("a", loader("a", log), places=2))
    drain(residency.lease("a", loader("a", log), places=2))
    first.release()
    first.release()
    drain(residency.lease("a", loader("a", log), places=2))
    assert next(residency.lease("a", loader("a", log), places=2)).label.startswith("waiting")


def test_unload_spares_models_in_use() -> None:
    residency, log = Residency(), []
    lease, _ = drain(residency.lease("a", loader("a", log), places=1))
    assert residency.unload() == 0
    lease.release()
    assert residency.unload() == 1
    assert keys(residency) == []


def test_many_threads_never_hold_more_places_than_there_are() -> None:
    residency, log, held, most = Residency(queue=50), [], [0], [0]
    lock = threading.Lock()

    def work() -> None:
        lease, _ = drain(residency.lease("a", loader("a", log), places=3))
        with lock:
            held[0] += 1
            most[0] = max(most[0], held[0])
        until(lambda: most[0] >= 3)
        time.sleep(0.01)
        with lock:
            held[0] -= 1
        lease.release()

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 3
    assert log == ["a"]


def test_as_many_models_stay_as_there_is_room_for_and_the_least_recently_used_goes_first() -> None:
    residency = Residency(models=2)
    for name in ("a", "b", "a", "c"):
        use(residency, name)
    assert keys(residency) == ["a", "c"]


def test_what_is_loaded_tells_who_uses_it_and_how_long_nobody_has() -> None:
    residency = Residency(models=2)
    lease, _ = drain(residency.lease("a", loader("a", []), places=2))
    use(residency, "b")
    time.sleep(0.02)
    busy, idle = residency.loaded()
    assert (busy.key, busy.leases, busy.idle_s) == ("a", 1, 0.0)
    assert (idle.key, idle.leases, idle.system.name) == ("b", 0, "b")
    assert 0.02 <= idle.idle_s < PATIENCE_S
    lease.release()
    assert residency.loaded()[0].leases == 0


def test_some_models_can_be_unloaded_and_others_stay() -> None:
    residency = Residency(models=3)
    for name in ("a", "b", "c"):
        use(residency, name)
    assert residency.unload(lambda key: key in "ac") == 2
    assert keys(residency) == ["b"]


def test_a_model_that_is_dropped_is_gone_from_memory_and_its_leavings_are_given_back() -> None:
    calls = []
    residency = Residency(dropped=lambda: calls.append(gc.collect()))
    lease, _ = drain(residency.lease("a", loader("a", []), places=1))
    model = weakref.ref(lease.system)
    lease.release()
    del lease
    assert residency.unload() == 1
    assert model() is None
    assert len(calls) == 1
    assert residency.unload() == 0
    assert len(calls) == 1


def test_an_idle_model_goes_by_itself_and_wakes_up_whoever_waits() -> None:
    residency = Residency(idle_s=0.5)
    lease, _ = drain(residency.lease("a", loader("a", []), places=2))
    time.sleep(0.6)
    assert keys(residency) == ["a"], "a model in use is not idle"
    for free in (lease.release, lambda: use(residency, "a")):
        began = time.monotonic()
        free()
        until(lambda: keys(residency) == [])
        assert time.monotonic() - began >= 0.5


def test_use_puts_off_the_end_and_each_model_has_its_own() -> None:
    residency = Residency(models=2, idle_s=3)
    use(residency, "a")
    use(residency, "b")

    def is_alone() -> bool:
        use(residency, "a")
        return keys(residency) == ["a"]

    until(is_alone)
    assert keys(residency) == ["a"]
    until(lambda: keys(residency) == [])


def test_at_most_one_thread_sleeps_and_none_while_nothing_is_idle() -> None:
    before = set(threading.enumerate())

    def alarms() -> int:
        return sum(isinstance(thread, threading.Timer) for thread in set(threading.enumerate()) - before)

    residency = Residency(models=2, idle_s=60)
    lease, _ = drain(residency.lease("a", loader("a", []), places=4))
    assert alarms() == 0
    lease.release()
    for name in ("a", "b", "a"):
        use(residency, name)
    assert alarms() == 1
    residency.close()
    until(lambda: alarms() == 0)
    assert keys(residency) == []


def test_without_a_limit_nothing_sleeps() -> None:
    before = set(threading.enumerate())
    use(Residency(), "a")
    assert set(threading.enumerate()) <= before


def test_after_closing_it_still_serves_but_drops_nothing_by_itself() -> None:
    residency = Residency(idle_s=0.02)
    residency.close()
    use(residency, "a")
    time.sleep(0.06)
    assert keys(residency) == ["a"]
