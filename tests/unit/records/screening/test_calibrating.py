from osler.records.screening.calibrating import begin_round, judge_round
from tests.unit.records.screening.decisions import decisions

KEYS = [f"r{i}" for i in range(20)]


def both(differ: int) -> list[str]:
    lines = []
    for at, key in enumerate(KEYS):
        lines += [f"{key} one {'include' if at < 6 else 'exclude'}"]
        lines += [f"{key} two {'exclude' if at < differ or at >= 6 else 'include'}"]
    return lines


def test_a_round_that_agrees_is_passed() -> None:
    judged = judge_round(KEYS, ["one", "two"], decisions(*both(1)))
    assert judged.finished and judged.passed
    assert judged.differ == ("r0",)
    assert judged.agreement.percent.estimate == 0.95


def test_a_round_that_does_not_agree_is_not() -> None:
    judged = judge_round(KEYS, ["one", "two"], decisions(*both(6)))
    assert judged.finished and not judged.passed
    assert len(judged.differ) == 6
    assert list(judged.pairs) == [("one", "two")]


def test_others_and_other_records_do_not_count() -> None:
    told = decisions(*both(0), "r0 stranger exclude", "elsewhere one include")
    judged = judge_round(KEYS, ["one", "two"], told)
    assert judged.agreement.percent.estimate == 1.0


def test_an_unfinished_round_is_not_passed() -> None:
    judged = judge_round(KEYS, ["one", "two", "three"], decisions(*both(0)))
    assert judged.waiting == {"one": 0, "two": 0, "three": 20}
    assert not judged.passed


def test_the_sample_is_drawn_by_seed() -> None:
    assert begin_round(KEYS, 5, seed=1) == begin_round(KEYS[::-1], 5, seed=1)
