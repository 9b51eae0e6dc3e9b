"""What each stage must compute for a stretch of sound."""

from engine.style_tts.spans import Stage, stage_spans, within

STAGES = (Stage(rate=4, source_reach=5, reach=7), Stage(rate=3, source_reach=2, reach=9, extra=1))


def test_a_whole_utterance_needs_all_frames_of_every_stage():
    first, last = stage_spans(STAGES, range(50), 50, 3)
    assert first.given == range(50)
    assert first.source == first.seen == first.made == first.core == last.given == range(200)
    assert last.source == last.seen == last.made == last.core == range(601)


def test_each_stage_sees_as_far_as_its_layers_reach():
    first, last = stage_spans(STAGES, range(20, 30), 50, 3)
    assert (first.core, last.core) == (range(80, 120), range(240, 360))
    assert last.made == range(236, 364)
    assert last.seen == range(227, 373)
    assert last.source == range(225, 375)
    # 226 is the last frame of the 75th before, and one more on both sides may reach into it.
    assert last.given == first.made == range(74, 126)
    assert (first.seen, first.source) == (range(67, 133), range(62, 138))
    assert first.given == range(15, 35)


def test_nothing_is_seen_beyond_the_ends():
    (first, last), (other, end) = (stage_spans(STAGES, core, 50, 3) for core in (range(2), range(48, 50)))
    assert first.given.start == first.source.start == last.source.start == 0
    assert (other.given.stop, other.source.stop, end.source.stop, end.core) == (50, 200, 601, range(576, 601))


def test_a_span_within_another_counts_from_its_start():
    assert within(range(7, 9), range(5, 20)) == slice(2, 4)
