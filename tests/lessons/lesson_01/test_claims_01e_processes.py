"""What notebook 01e says of copies that exchange gradients, in one program and in two processes."""

import datetime
import subprocess

import torch
from torch.distributed import constants

LESSON = "01e_processes.ipynb"
MIDDLE = torch.tensor([2.0, -3.0])


def far(paths):
    """How far the last of the copies' mean is from the middle of all points."""
    return (paths[:, -1].mean(dim=0) - MIDDLE).norm().item()


def test_copies_that_exchange_stay_equal_and_find_the_middle(lesson, claim):
    for copies in (1, 2, 3, 4, 6):
        paths = lesson.together(copies)
        assert (paths == paths[0]).all()
        claim("gradients exchanged, 1 to 6 copies but 5: distance from the middle", far(paths), most=0.02)
    claim("five copies: distance from the middle", far(lesson.together(5)), 0.05, 0.5)
    assert [len(part) for part in lesson.circle().chunk(5)] == [5, 5, 5, 5, 4]


def test_copies_that_do_not_exchange_part_ways(lesson, claim):
    for copies in (2, 3, 4, 6):
        paths = lesson.together(copies, exchange=False)
        for path, part in zip(paths, lesson.circle().chunk(copies), strict=True):
            claim(
                "not exchanged: distance from the middle of its own points",
                (path[-1] - part.mean(0)).norm().item(),
                most=0.02,
            )
        claim(
            "not exchanged: largest distance of two copies",
            torch.cdist(paths[:, -1], paths[:, -1]).max().item(),
            least=3,
        )


def test_a_sum_instead_of_the_average_is_too_long(lesson, claim):
    """The task's edit, as steps: k times the average is a learning rate k times as large."""
    ends = {copies: far(lesson.together(copies, lr=0.1 * copies)) for copies in (1, 2, 4, 5, 6)}
    claim("the sum, four copies: distance from the middle", ends[4], most=0.1)
    claim("the sum, five copies: distance from the middle", min(ends[5], 1e9), least=1)
    claim("the sum, six copies: distance from the middle", min(ends[6], 1e9), least=1)
    for copies, swings in ((2, False), (3, True), (4, True)):
        up = lesson.together(copies, lr=0.1 * copies)[0, :6, 1] - MIDDLE[1]
        assert bool((up[1:] * up[:-1] < 0).all()) is swings
    lesson.says("From three copies on the path swings; from five on it never arrives.")


def test_the_average_of_two_halves_is_the_batch_s_gradient(lesson, claim):
    assert len(lesson.whole) == 25450 and "25,450 numbers of 4 bytes" in lesson.prose
    claim("average of two halves against the batch: relative difference", lesson.off, most=1e-6)
    claim("the two halves: relative difference", lesson.apart, least=0.05)


def test_both_processes_hold_the_batch_s_gradient(lesson, claim):
    assert lesson.by_hand[0].equal(lesson.by_hand[1]) and lesson.by_ddp[0].equal(lesson.by_ddp[1])
    claim("process 1 against the batch: relative difference", lesson.off_rank, most=1e-6)
    claim("DDP by length over the batch's gradient", lesson.ratio, 1 - 1e-5, 1 + 1e-5)
    claim("DDP against all_reduce by hand: largest difference", lesson.gap, most=1e-7)


def test_ddp_begins_with_the_weights_of_process_0_and_copies_its_averages(lesson, tmp_path):
    program = """
import torch
from torch import distributed as dist
from torch.nn.parallel import DistributedDataParallel

dist.init_process_group("gloo")
model = torch.nn.Linear(2, 1)
torch.nn.init.constant_(model.weight, float(dist.get_rank() + 1))
model = DistributedDataParallel(model)
with model.no_sync():
    model(torch.full((1, 2), dist.get_rank() + 1.0)).sum().backward()
alone = model.module.weight.grad.clone()
norm = DistributedDataParallel(torch.nn.BatchNorm1d(1))
for _ in range(3):
    norm(torch.full((4, 1), 10.0 * dist.get_rank())).sum().backward()
torch.save((model.module.weight.detach(), alone, norm.module.running_mean), f"rank{dist.get_rank()}.pt")
dist.destroy_process_group()
"""
    (tmp_path / "start.py").write_text(program)
    command = [*lesson.torchrun, "--nproc-per-node=2", "start.py"]
    subprocess.run(command, cwd=tmp_path, env=lesson.quiet, check=True, capture_output=True)
    (first, one, mean), (second, two, other_mean) = (torch.load(tmp_path / f"rank{rank}.pt") for rank in range(2))
    assert first.tolist() == second.tolist() == [[1.0, 1.0]]
    assert one.tolist() == [[1.0, 1.0]] and two.tolist() == [[2.0, 2.0]]  # no_sync: each its own
    # process 1's mean after its last pass: 0, from process 0, and a tenth of 10; on its own it would be 2.71
    assert mean.item() == 0 and abs(other_mean.item() - 1) < 1e-6
    lesson.says("each normalises by its own part; the running averages come from process 0, at each step")


def test_a_process_that_waits_gives_up(lesson):
    assert constants.default_pg_timeout == datetime.timedelta(minutes=30)
    assert constants.default_pg_nccl_timeout in (datetime.timedelta(minutes=10), None)  # None: a torch for CPUs alone
    lesson.says('stops with an error, after half an hour at the latest (with `"nccl"`, ten minutes)')
