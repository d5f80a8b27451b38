"""What lesson 04 says. Its figures are MNIST's."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course_utils import models
from course_utils.data import batches
from course_utils.lessons.lesson_04 import built, knobs
from course_utils.lessons.lesson_04.ex7_one_epoch import exercise as four_blanks
from course_utils.training import evaluate, train_epoch

LESSON = "04_cnn.ipynb"
pytestmark = pytest.mark.usefixtures("mnist")


# The opening


def way(model, image, label):
    """At which of 0 to 8 pixels to the right is the image classified correctly? A list of booleans."""
    with torch.no_grad():
        return [(model(built.shift(image[None], right)).argmax(1) == label).item() for right in range(9)]


def test_the_stored_networks_lose_each_digit_the_mlp_first(lesson):
    networks, images, labels = knobs.stored()
    for image, label in zip(images, labels, strict=True):
        mlp, cnn = (way(networks[name], image, label) for name in ("MLP", "CNN"))
        assert 1 <= sum(mlp) < sum(cnn) <= 6
        assert all(found == sorted(found, reverse=True) for found in (mlp, cnn))  # once lost, lost for good
    lesson.says("Every digit in this knob goes that way: the MLP loses it first, the CNN a little later.")
    panel = knobs.moved(built.shift, networks, images, labels, digit=7)
    said = []
    for right in range(9):
        panel.controls["right"].value = right
        said.append(panel.sentence)
    panel.close()
    answers = [(int(one.split("MLP answers ")[1][0]), int(one.split("CNN answers ")[1][0])) for one in said]
    assert answers[2] == (7, 7) and answers[3] == (2, 7) and answers[5] == (2, 7) and answers[6] == (2, 5)
    lesson.says("The MLP takes this seven for a 2 at 3 pixels. The CNN holds it until 5, and takes it for a 5 at 6.")


def test_the_stored_networks_are_those_that_the_lesson_trains(lesson, claim):
    if not lesson.own:
        return  # they were trained with its own seed
    networks, _, _ = knobs.stored()
    moved = torch.cat([built.shift(lesson.test.images[:1000], right) for right in (0, 2, 4)])
    for name, model in networks.items():
        with torch.no_grad():
            alike = model(moved).argmax(1) == lesson.networks[name](moved).argmax(1)
        claim(
            f"stored and trained {name}: share of equal answers to digits moved by 0, 2, 4", alike.float().mean(), 0.98
        )


# 1 · Nine numbers, everywhere


def test_an_mlp_knows_no_neighbours(lesson, claim):
    ours, theirs = (models.mlp(hidden=(128, 256), activation="relu") for _ in range(2))
    theirs.load_state_dict(ours.state_dict())
    order = torch.randperm(784)  # a new order of the pixels, the same for all images
    first = next(layer for layer in theirs.modules() if isinstance(layer, nn.Linear))
    first.weight.data = first.weight.data[:, order]  # a start as likely as the other
    X, y = lesson.train.images[:640], lesson.train.labels[:640]
    shuffled = X.flatten(1)[:, order].view_as(X)
    for net, images in ((ours, X), (theirs, shuffled)):
        data = torch.utils.data.TensorDataset(images, y)
        train_epoch(net, batches(data, 32), torch.optim.SGD(net.parameters(), lr=0.1))
    with torch.no_grad():
        difference = (ours(X) - theirs(shuffled)).abs().max()
    claim("an MLP that learned from shuffled pixels: largest difference of a logit", difference, most=1e-3)
    lesson.says("Shuffle the pixels of every image in the same way, and it learns equally well")


def test_the_convolution_by_hand_is_pytorchs(lesson, claim):
    kernels = torch.randn(5, 3, 3)
    theirs = F.conv2d(lesson.image[None, None], kernels[:, None])[0]
    ours = torch.stack([lesson.convolve(lesson.image, kernel) for kernel in kernels])
    claim("convolution by hand against PyTorch's, largest difference", (ours - theirs).abs().max(), most=1e-5)
    assert list(lesson.result.shape) == [26, 26]
    lesson.says("26×26: a window of three can start at 26 places in a row of 28.")


def test_the_vertical_edge_is_red_where_it_gets_brighter(lesson):
    step = torch.zeros(5, 8)
    step[:, 3:6] = 1.0  # a stroke: dark, bright, dark
    answers = lesson.convolve(step, lesson.vertical_edge)[0]
    assert answers.tolist() == [0, 3, 3, 0, -3, -3]


def test_the_kernels_on_even_areas(lesson):
    for name, rows in lesson.KERNELS.items():
        kernel = torch.tensor(rows, dtype=torch.float32)
        black, white = (F.conv2d(torch.full((1, 1, 5, 5), v), kernel[None, None]).abs().max() for v in (0.0, 1.0))
        assert black == 0 and torch.isclose(white, torch.tensor(0.0 if "edge" in name else 1.0), atol=1e-6), name
    lesson.says("All three edge kernels.")
    lesson.says("*Blur* and *unchanged* add up to 1")

    right = torch.zeros(3, 3)
    right[1, 2] = 1.0
    assert lesson.convolve(lesson.image, right).equal(lesson.image[1:-1, 2:])
    lesson.says("A 1 on the right moves the image to the left")
    lesson.says("A single 1 is enough.")


# 2 · The network


def test_the_network_is_the_librarys(lesson):
    torch.manual_seed(3)
    ours = lesson.cnn().state_dict()
    torch.manual_seed(3)
    theirs = models.cnn().state_dict()
    assert all(ours[name].equal(theirs[name]) for name in theirs) and len(ours) == len(theirs)


def test_parameters_and_1600(lesson, claim):
    assert lesson.sizes == [320, 64 * (288 + 1), 102_464, 650]
    claim("share of the parameters in the first linear layer", lesson.sizes[2] / sum(lesson.sizes), 0.82, 0.85)
    lesson.says("Five of six parameters sit in the first linear layer.")
    assert list(lesson.cnn()[3].weight.shape) == [64, 32, 3, 3]
    lesson.says("is a stack of 32 tables of 3×3, one for each map")
    X, sides = lesson.train.images[:1], []
    for layer in lesson.cnn():
        X = layer(X)
        if X.dim() == 4:
            sides.append(X.shape[-1])
    assert sides == [26, 26, 13, 11, 11, 5] and 64 * 5 * 5 == 1600
    lesson.says("28 → 26 by the convolution, → 13 by pooling, → 11, → 5")


# 3 · Train it


def test_the_four_blanks_filled_are_the_imported_loop(lesson):
    few = torch.utils.data.TensorDataset(*(tensor[:640] for tensor in lesson.few.tensors))
    nets = [lesson.cnn() for _ in range(2)]
    nets[1].load_state_dict(nets[0].state_dict())
    seen = [
        epoch(net, batches(few, 48), torch.optim.SGD(net.parameters(), lr=0.1), nn.CrossEntropyLoss())
        for epoch, net in zip((four_blanks.right.program, train_epoch), nets, strict=True)
    ]
    assert seen[0] == seen[1]
    assert all(a.equal(b) for a, b in zip(nets[0].parameters(), nets[1].parameters(), strict=True))
    assert "the same lines, to the last bit" in four_blanks.remember

    modes = []
    nets[0].register_forward_hook(lambda net, inputs, logits: modes.append((net.training, logits.requires_grad)))
    for mode in (True, False):
        evaluate(nets[0].train(mode), few)
        assert nets[0].training is mode
    assert set(modes) == {(False, False)}


def test_the_recipe_of_both_rivals(lesson, claim):
    assert (lesson.epochs, len(lesson.few), len(lesson.few_test)) == (2, 6_000, 1_000)
    for name, model in lesson.networks.items():
        claim(f"the recipe: test accuracy of the {name}", evaluate(model, lesson.test)[1], 0.9, 0.98)
    lesson.says("Two networks classify at least nine of ten of MNIST's handwritten digits correctly.")
    lesson.says("6,000 images in batches of 16, two epochs")
    seen, tested = lesson.history[0]
    claim("the recipe, first epoch: test accuracy minus training accuracy", tested - seen, least=0.05)
    lesson.says("On MNIST the *test* accuracy of the first epoch is the higher one.")


def test_a_sum_of_hits_needs_no_float_and_a_mean_does(lesson):
    assert lesson.hits.sum().item() == lesson.hits.float().sum().item() == 1
    with pytest.raises(RuntimeError):
        lesson.hits.mean()
    lesson.says("`sum()` counts each `True` as 1; a mean needs `.float()` first.")


def test_the_broken_accuracy(lesson, claim):
    with torch.no_grad():
        pairs = batches(lesson.test, batch_size=10)
        right = sum((lesson.strong(X).argmax(0) == y).sum().item() for X, y in pairs)
    claim("exercise 3: what it takes for the accuracy", right / len(lesson.test), 0.13, 0.18)
    lesson.says("and returns about 15 %")
    same_in_both_modes = nn.Sequential, nn.Conv2d, nn.ReLU, nn.MaxPool2d, nn.Flatten, nn.Linear
    assert {type(module) for module in lesson.strong.modules()} == set(same_in_both_modes)
    lesson.says("There are *two* mistakes; `strong` shows only one.")


# 5 · Move them


def test_the_shift(lesson, claim):
    mlp, cnn = lesson.accuracies["MLP"], lesson.accuracies["CNN"]
    claim("4 pixels: share of its right answers that the MLP loses", 1 - mlp[4] / mlp[0], 0.6, 0.8)
    claim("4 pixels: share that the CNN loses", 1 - cnn[4] / cnn[0], 0.4, 0.65)
    claim("4 pixels: CNN's accuracy minus the MLP's", cnn[4] - mlp[4], least=0.1)
    longer = lesson.holds["CNN"] - lesson.holds["MLP"]
    claim("shifts that leave more than 70 %: CNN's minus the MLP's, pixels", longer, 1, 2)
    lesson.says("with this recipe and each of five seeds, the CNN holds on for about one pixel longer")
    lesson.says("One network loses seven of ten of its right answers, the other about half")


def test_how_many_digits_the_edge_cuts(lesson, claim):
    inked = lesson.test.images[:1000, 0].amax(dim=1) > 0  # [1000, 28]: has the column ink?
    cut = {pixels: inked[:, -pixels:].any(dim=1).float().mean().item() for pixels in (4, 7, 8)}
    claim("4 pixels: share of the digits that are cut off, times seven", 7 * cut[4], 0.9, 1.1)
    claim("7 pixels: share of the digits that are cut off", cut[7], least=0.5)
    claim("8 pixels: share of the digits that are cut off", cut[8], least=0.5)
    lesson.says("moved by 4 pixels, one in seven digits is cut off at the edge; moved by 7 or 8, most are")


def test_there_is_a_digit_that_each_loses_at_its_own_shift(lesson):
    def right(model, pixels):
        with torch.no_grad():
            return model(lesson.shift(lesson.test.images[:100], pixels)).argmax(1) == lesson.test.labels[:100]

    mlp, cnn = lesson.rival, lesson.strong
    found = right(mlp, 0) & right(cnn, 0) & right(cnn, 2) & ~right(mlp, 2) & ~right(cnn, 4) & ~right(mlp, 4)
    assert found.any() and (found[2] or not lesson.own) and lesson.test.labels[2] == 1
    lesson.says("a digit that both get right in place, the CNN alone at 2 pixels to the right, and neither at 4")
    lesson.says("With `digit` at 2 you have one, a 1.")


def test_convolutions_are_equivariant_and_the_network_is_not_invariant(lesson, claim):
    off = lesson.inside.abs().max()
    claim("feature maps of the moved against moved feature maps, largest difference", off, 0, 1e-5)
    claim("4 pixels: share of the CNN's answers that stay", lesson.answers.float().mean(), 0.35, 0.7)
    lesson.says("Of the answers, on MNIST only about half stay.")
