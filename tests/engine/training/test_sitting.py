"""How long a sitting is, by steps and by the clock."""

from engine.training.sitting import Sitting, SittingConfig


def test_by_steps_it_ends_at_the_last_and_saves_at_intervals():
    sitting = Sitting(SittingConfig(eval_interval=4), 0, 0.0, 10)
    assert [step for step in range(2, 11, 2) if sitting.due(step, 2)] == [4, 8, 10]
    assert sitting.done
    assert [sitting.share(step, 2) for step in (2, 6, 10, 12)] == [0.0, 0.5, 1.0, 1.0]


def test_by_the_clock_it_ends_with_its_minutes_and_those_before_count():
    config = SittingConfig(total_minutes=60.0)
    sitting = Sitting(config, 5, 30.0, 100)
    assert abs(sitting.share(5) - 0.5) < 0.01
    assert not sitting.due(6)
    sitting = Sitting(config, 5, 59.9999, 100)
    assert not sitting.done
    assert Sitting(config, 5, 60.0, 100).done
    assert Sitting(config, 100, 0.0, 100).done


def test_it_saves_when_it_has_not_for_long():
    sitting = Sitting(SittingConfig(save_minutes=0.05), 0, 0.0, 100)
    assert not sitting.due(1)
    sitting._saved -= 4
    assert sitting.due(2)
    sitting.saved()
    assert not sitting.due(3)
