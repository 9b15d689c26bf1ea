"""What is dear to count is counted now and then, what is cheap each time."""

from __future__ import annotations

from harvester.catalogue.kept import KeptCount


def test_what_is_cheap_is_counted_each_time_and_what_is_dear_takes_a_twentieth_of_the_time() -> None:
    moment, takes = [0.0], [0.1]
    counted: list[float] = []

    def count() -> int:
        moment[0] += takes[0]
        counted.append(moment[0])
        return len(counted)

    kept = KeptCount(count, clock=lambda: moment[0])
    assert [kept(), kept()] == [1, 2]
    takes[0] = 2.0
    assert [kept(), kept(), kept()] == [3, 3, 3]
    moment[0] += 39.0
    assert kept() == 3
    moment[0] += 2.0
    assert kept() == 4
