"""What a forked process finds of what its parent's threads were doing."""

import multiprocessing
import threading
import time

from engine.forking import shared_lock
from engine.text.phonemes import phonemize

SHARED = shared_lock()


def held() -> bool:
    """Whether the lock is held, or nobody ever lets go of it."""
    if SHARED.acquire(timeout=5):
        SHARED.release()
        return False
    return True


def in_a_fork(work, *arguments: object) -> object:
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(work, arguments)


def test_a_child_finds_a_lock_free_that_another_thread_held() -> None:
    over = threading.Event()

    def hold() -> None:
        while not over.is_set():
            with SHARED:
                time.sleep(0.01)

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert [in_a_fork(held) for _ in range(5)] == [False] * 5
    finally:
        over.set()
        holder.join()
    assert not held()


def read(word: str) -> list[str]:
    return [phonemize(f"{word} {number}.") for number in ("one", "two", "three") * 10]


def test_a_child_and_its_parent_each_have_an_espeak_of_their_own() -> None:
    alone = {word: read(word) for word in ("kettle", "water")}
    found: list[list[str]] = []
    reader = threading.Thread(target=lambda: found.extend(read("kettle") for _ in range(5)))
    reader.start()
    assert in_a_fork(read, "water") == alone["water"]
    reader.join()
    assert found == [alone["kettle"]] * 5
