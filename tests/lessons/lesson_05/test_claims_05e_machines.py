"""What notebook 05e says of cutting work, of executors, and of what travels."""

import pickle

from torch import nn

from course_utils.sweep import workers

LESSON = "05e_machines.ipynb"


def ends(lesson, workers, dies=None):
    return {parts: max(row[2] for row in lesson.plan(workers, parts, dies)) for parts in range(1, 25)}


def lost(lesson, parts):
    return sum(end - start for _, start, end, finished in lesson.plan(3, parts, 8) if not finished)


def test_three_parts_are_first_and_eight_if_a_worker_dies(lesson):
    calm, deadly = ends(lesson, 3), ends(lesson, 3, 8)
    assert min(calm, key=calm.get) == 3 and calm[3] == 8.5 and calm[24] == 12
    assert min(deadly, key=deadly.get) == 8 and deadly[8] == 10.5 and deadly[3] == 17
    assert [lost(lesson, parts) for parts in (3, 8)] == [8, 1] and lost(lesson, 24) <= 1
    lesson.says("With it they take 17")
    lesson.says("8 parts are now first, after 10.5 seconds, since only one second of work is lost")


def test_more_workers_than_parts_stand_idle(lesson):
    assert lesson.done(8, 3) == lesson.done(3, 3) == 8.5
    assert len({worker for worker, *_ in lesson.plan(8, 3)}) == 3
    assert lesson.done(8, 8) < lesson.done(8, 24)
    assert 0.5 < lesson.done(2, 8) / lesson.done(1, 1) < 0.6
    lesson.says("takes little more than half an hour on two machines")


def test_a_thread_finds_the_same_bits(lesson, claim):
    from concurrent.futures import ThreadPoolExecutor

    for number in (1, 2):
        with ThreadPoolExecutor(number) as threads:
            there = lesson.sweep(lesson.base, seed=range(8), executor=threads)
        assert number == 2 or there == lesson.here
        off = max(abs(a.valid_loss[-1] - b.valid_loss[-1]) for a, b in zip(lesson.here, there, strict=True))
        claim(f"digits, {number} threads: largest difference of the validation losses", off, most=1e-3)


def test_what_travels_by_name_and_by_value(lesson):
    assert pickle.loads(lesson.by_name) is nn.Linear and len(lesson.by_name) < 100
    assert b"flatten" in lesson.by_value and b"flatten" not in lesson.by_name
    lesson.says("200 MB are 0.4 GB for two workers, instead of 4.8 GB for 24 parts")
    assert (2 * 200 / 1000, 24 * 200 / 1000) == (0.4, 4.8)


def test_the_cluster_s_results_are_the_notebook_s(lesson, claim):
    off = abs(lesson.found.array("valid_loss") - lesson.alone).max()
    claim("digits, two workers: largest difference of the validation losses", off, most=1e-3)
    assert workers._TRIES == 4
    lesson.says("After four deaths at one part, it gives the part up.")
    lesson.says("A part that was under way at four deaths is given up.")
