"""Work in steps: run to its end, or told of step by step, it has the same result; closed, it ends at once."""

from collections.abc import Iterator

import pytest

from engine.events import Progress
from engine.steps import Steps, finish, with_progress

HALF_WAY = Progress(done=1, total=2, label="adding")


def adding(numbers: list[int], done: list[int] | None = None) -> Steps[int]:
    total = 0
    for number in numbers:
        total += number
        if done is not None:
            done.append(number)
        yield
    return total


@pytest.mark.parametrize("numbers", [[], [1, 2, 3]])
def test_the_result_is_the_value_that_the_generator_returns(numbers: list[int]) -> None:
    assert finish(adding(numbers)) == sum(numbers)
    assert finish(with_progress(adding(numbers), HALF_WAY)) == sum(numbers)


def test_every_step_yields_the_progress() -> None:
    assert list(with_progress(adding([1, 2, 3]), HALF_WAY)) == [HALF_WAY] * 3


def test_work_that_is_closed_goes_no_further() -> None:
    done: list[int] = []
    work: Iterator[Progress] = with_progress(adding([1, 2, 3], done), HALF_WAY)
    next(work)
    work.close()
    assert done == [1]


def test_an_error_in_the_work_is_raised_as_it_is() -> None:
    def failing() -> Steps[int]:
        yield
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        finish(failing())
