"""What lesson 04c says of `train()` and `eval()`, and of the published run."""

import copy

import pytest
import torch
from torch import nn

from course_utils import panels
from course_utils.lessons.lesson_04 import knobs

LESSON = "04c_modes.ipynb"
pytestmark = pytest.mark.usefixtures("mnist")
FULL_RUN = (0.925, 0.961, 0.970, 0.974, 0.975)  # test accuracies of the reference system, after each epoch


def test_the_knob_of_the_beginning(lesson, claim):
    right = {}
    panel = knobs.modes(lesson.answers_in)
    for size in (32, 8):
        for order in ("mixed", "sorted by label"):
            for mode in ("eval()", "train()"):
                panel.controls["mode"].value, panel.controls["order"].value = mode, order
                panel.controls["batch_size"].value = size
                right[mode, order, size] = int(panel.sentence.split(": ")[1].split("%")[0]) / 100
    panel.close()
    for order in ("mixed", "sorted by label"):
        claim("8×8 digits, eval(): accuracy", right["eval()", order, 32], 0.93, 0.93)
    claim("8×8 digits, train(), mixed: accuracy", right["train()", "mixed", 32], 0.85, 0.94)
    claim("8×8 digits, train(), sorted: accuracy", right["train()", "sorted by label", 32], 0.2, 0.3)
    assert all(right["train()", order, 8] < right["train()", order, 32] for order in ("mixed", "sorted by label"))
    lesson.says("In `eval()` 93 % are right, in whatever order.")
    lesson.says("about a quarter once they are sorted. With smaller batches fewer are right, in both orders.")


def test_dropout_keeps_the_mean(lesson, claim):
    torch.manual_seed(1)
    for p in (0.1, 0.5, 0.9):
        dropped = nn.Dropout(p)(torch.ones(100_000))
        claim(f"Dropout({p}) on ones: mean", dropped.mean(), 0.95, 1.05)
        assert torch.allclose(dropped[dropped != 0], torch.tensor(1 / (1 - p)))
    assert set(lesson.dropped.tolist()) <= {0.0, 2.0} and lesson.dropped.max() == 2
    assert nn.Dropout(0.5).eval()(lesson.ones).equal(lesson.ones)


def test_batchnorm_by_its_formula(lesson, claim):
    x, bn = lesson.x, nn.BatchNorm1d(1)
    by_formula = (x - x.mean()) / (x.var(correction=0) + bn.eps).sqrt() * bn.weight + bn.bias
    claim("BatchNorm by the formula, largest difference", (bn.train()(x) - by_formula).abs().max().item(), most=1e-5)
    for _ in range(2):
        bn(x)
    claim("running mean after three calls, over the batch's", bn.running_mean.item() / x.mean().item(), 0.27, 0.272)
    lesson.says("after three calls it has come $1 - 0.9^3 = 27$ % of the way")
    claim("root of the running variance after three calls", bn.running_var.item() ** 0.5, 1.3, 1.45)
    lesson.says("`eval()` divides by about 1.4 instead of 2")
    assert 0.9**100 < 1e-4  # of the way is left after a hundred equal batches
    lesson.says("After a hundred batches *like this one* next to nothing is missing.")
    maps = 3 + 2 * torch.randn(4, 2, 5, 5)
    of_all = (maps - maps.mean((0, 2, 3), keepdim=True)) / maps.std((0, 2, 3), correction=0, keepdim=True)
    assert torch.allclose(nn.BatchNorm2d(2)(maps), of_all, atol=1e-4)
    lesson.says("for feature maps over all pixels of all its images")


def test_a_batch_of_one_is_refused_in_training(lesson):
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        nn.BatchNorm1d(3)(torch.ones(1, 3))
    assert nn.BatchNorm1d(3).eval()(torch.ones(1, 3)).shape == (1, 3)
    assert nn.BatchNorm2d(1)(lesson.train.images[:1]).shape == (1, 1, 28, 28)
    lesson.says("`BatchNorm2d` has all pixels of the one image to average over.")


def test_what_the_modes_change(lesson):
    assert lesson.changes("train()") == "buffers"
    assert lesson.changes("eval()") == ""
    assert nn.Dropout().training and nn.BatchNorm1d(1).training
    assert nn.RReLU().eval()(-lesson.ones).equal(nn.RReLU().eval()(-lesson.ones))
    assert not nn.RReLU()(-lesson.ones).equal(nn.RReLU()(-lesson.ones))  # one of the few others
    lesson.says("A new layer starts in `train()`. A few kinds of layers look at the mode; you will mostly meet two.")
    seen = lesson.small[1].num_batches_tracked
    assert seen == 3 * 40  # three epochs, and none of the tests since
    tested = copy.deepcopy(lesson.small).eval()
    tested(lesson.test.images[:2])
    assert tested[1].num_batches_tracked == seen
    lesson.says("`num_batches_tracked` counts the batches in `train()`.")
    with torch.no_grad():
        outputs = [copy.deepcopy(lesson.small).train(mode)(lesson.X) for mode in (False, False, True, True)]
    assert outputs[0].equal(outputs[1]) and not outputs[2].equal(outputs[3])
    lesson.says("The outputs change, too: Dropout still drops")


def test_what_forgetting_eval_costs(lesson, claim):
    cost = lesson.cost
    assert cost["mixed", "eval()"] == pytest.approx(cost["sorted", "eval()"])
    claim("eval(): accuracy of the small net", cost["mixed", "eval()"], 0.86, 0.93)
    claim("train() on mixed batches: accuracy", cost["mixed", "train()"], 0.7, 0.84)
    claim("train() on sorted batches: accuracy", cost["sorted", "train()"], 0.15, 0.35)
    if lesson.own:
        shown = [
            f"{100 * cost[key]:.0f} %" for key in (("mixed", "eval()"), ("mixed", "train()"), ("sorted", "train()"))
        ]
        lesson.says("accuracy falls from {} to about {} with mixed batches".format(*shown))
        lesson.says(f"and to {shown[2]} with sorted ones")
        lesson.says(f"with Dropout off, {100 * lesson.alone:.0f} % are left")
    lost = cost["mixed", "eval()"] - cost["mixed", "train()"]
    dropouts = lesson.alone - cost["mixed", "train()"]
    claim("of what train() costs on mixed batches: Dropout's share", dropouts / lost, least=0.6)


def test_running_averages_are_not_the_whole_sets(lesson, claim):
    difference = (lesson.small[1].running_mean - lesson.whole).abs().max() / lesson.maps.std()
    claim("running mean against the whole set's: largest difference, in deviations", difference, 0.02, 0.3)
    claim("deviation after BatchNorm in eval()", lesson.normed.std(), 0.8, 1.2)
    claim("deviation before it", lesson.maps.std(), 0.1, 0.6)


# 4 · The published run


def test_the_mean_of_batch_means_is_another_number(lesson):
    assert torch.stack([part.mean() for part in lesson.parts]).mean() == 0.75
    assert round(lesson.correct.float().mean().item(), 2) == 0.96
    assert (60_000 / 32, 10_000 / 32, -(-10_000 // 32), 10_000 % 32, 32 / 4) == (1_875, 312.5, 313, 16, 8)
    lesson.says("The 60,000 images are 1,875 batches. The 10,000 test images are 312.5, so 313, and the last has 16")


def test_the_short_run(lesson, claim):
    assert (len(lesson.few), len(lesson.few_test)) == (6_000, 1_000)
    (_, first_train), (_, first_test) = lesson.history["train"][0], lesson.history["test"][0]
    claim("a tenth of the run, first epoch: test accuracy minus training accuracy", first_test - first_train, 0.05)
    claim("a tenth of the run: test accuracy", lesson.history["test"][-1][1], 0.8, 0.93)


def test_kernels_stay_near_their_start(lesson, claim):
    claim("first kernels, start against end: mean cosine similarity", lesson.likeness, 0.9, 0.999)
    lesson.says("On MNIST the mean stays above 0.9.")


def reference_run():
    """The Experiment that the notebook's panel starts with."""
    return [panel for panel in panels.live if isinstance(panel, panels.TrainingPanel)][-1].experiment


def test_the_panel_starts_with_the_reference_system(lesson):
    e = reference_run()
    assert (e.model, e.optimizer, e.lr, dict(e.optimizer_args)) == (lesson.cnn, "SGD", 0.01, {})
    assert (e.batch_size, e.shuffle, e.epochs) == (32, False, 5)
    assert [len(part) for part in e.data] == [60_000, 10_000]


@pytest.mark.long
def test_the_full_run(lesson, shift, claim):
    reached = reference_run().but(seed=shift, threads=1).run().test_accuracy
    for epoch, (accuracy, expected) in enumerate(zip(reached, FULL_RUN, strict=True), start=1):
        claim(f"the full run: test accuracy after epoch {epoch}", accuracy, expected - 0.02, expected + 0.02)
        assert not lesson.own or abs(accuracy - expected) <= 0.01
    *firsts, last = (f"{100 * expected:.1f}" for expected in FULL_RUN)
    lesson.says(f"the five test accuracies are {', '.join(firsts)} and {last} %")
