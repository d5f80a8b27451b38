"""What lesson 04 says. Its figures are MNIST's."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course_utils import models, panels
from course_utils.data import batches
from course_utils.exercises.draw import Draw
from course_utils.lessons.lesson_04.ex6_moved_batch import wrong_after
from course_utils.training import evaluate, train_epoch

LESSON = "04_cnn.ipynb"
pytestmark = pytest.mark.usefixtures("mnist")
FULL_RUN = (0.925, 0.961, 0.970, 0.974, 0.975)  # test accuracies of the reference system, after each epoch


def test_an_mlp_knows_no_neighbours(lesson, claim):
    ours, theirs = (models.mlp(hidden=(128, 256), activation="relu") for _ in range(2))
    theirs.load_state_dict(ours.state_dict())
    order = torch.randperm(784)  # a new order of the pixels, the same for all images
    first = next(layer for layer in theirs.modules() if isinstance(layer, nn.Linear))
    first.weight.data = first.weight.data[:, order]  # a start as likely as the other
    X, y = lesson.some.tensors
    shuffled = X.flatten(1)[:, order].view_as(X)
    for net, images in ((ours, X), (theirs, shuffled)):
        data = torch.utils.data.TensorDataset(images, y)
        train_epoch(net, batches(data, 32), torch.optim.SGD(net.parameters(), lr=0.1))
    with torch.no_grad():
        difference = (ours(X) - theirs(shuffled)).abs().max()
    claim("an MLP that learned from shuffled pixels: largest difference of a logit", difference, most=1e-3)
    lesson.says("with the pixels of all images shuffled alike it learns as well")


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
    blur = torch.tensor(lesson.KERNELS["blur"])[None, None]
    assert F.conv2d(lesson.train.images[:100], blur).max() <= 1
    lesson.says("All three edge kernels.")

    right = torch.zeros(1, 1, 3, 3)
    right[0, 0, 1, 2] = 1.0
    moved = F.conv2d(lesson.image[None, None], right)[0, 0]
    assert moved.equal(lesson.image[1:-1, 2:])
    lesson.says("A 1 on the right moves the image to the left")

    slope = torch.tensor([[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]])
    below = torch.tensor([[0.0, 0, 1], [0, 1, 1], [1, 1, 1]])  # bright below a line from the lower left
    assert (slope * below).sum() == 3 and (slope * below.flip(1)).sum() == 0 and slope.sum() == 0


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
    # torchinfo counts each parameter once for each of its results, a bias like a weight.
    counted = lesson.summary(lesson.cnn(), (32, 1, 28, 28), verbose=0).total_mult_adds
    assert counted == 32 * (320 * 26**2 + 18_496 * 11**2 + 102_464 + 650) == 81_838_400
    lesson.says("81.84 million for 32 images, 2.56 million for each")
    assert 64 * lesson.size**2 == 1600
    with pytest.raises(RuntimeError, match="32x1600 and 50176x64"):
        lesson.wrong(lesson.train.images[:32])


def test_the_short_training(lesson, claim):
    assert (len(lesson.few), len(lesson.few_test)) == (6_000, 1_000)
    (_, first_train), (_, first_test) = lesson.history["train"][0], lesson.history["test"][0]
    claim("first epoch: test accuracy minus training accuracy", first_test - first_train, least=0.05)
    claim("five epochs of 6,000 images: test accuracy", lesson.history["test"][-1][1], 0.8, 0.93)
    lesson.says("so here it is a tenth of them")
    (_, before), (_, last) = lesson.history["train"][-2:]
    claim("five epochs of 6,000 images: training accuracy, the last epoch's minus the one's before", last - before, 0)
    lesson.says("on MNIST even the training accuracy still rises")


def test_the_recipe_of_both_rivals(lesson, claim):
    assert (lesson.epochs, len(lesson.few)) == (2, 6_000)
    for name, model in lesson.networks.items():
        claim(f"the shared recipe: test accuracy of the {name}", evaluate(model, lesson.test)[1], 0.9, 0.98)
    lesson.says("Two networks read at least nine of ten of MNIST's handwritten digits.")
    lesson.says("Only the network differs.")
    lesson.says("(Both had 6,000 images to train on.)")
    ahead = lesson.accuracies["CNN"][0] - lesson.history["test"][-1][1]
    claim("test accuracy of `strong` minus that of `net`", ahead, least=0.05)
    lesson.says("On MNIST `strong` is more than five points ahead.")


def reference_run():
    """The Experiment that the lesson's panel starts with."""
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
    lesson.says(f"the five test accuracies are **{', '.join(firsts)} and {last} %**")


def test_kernels_stay_near_their_start(lesson, claim):
    claim("first kernels, start against end: mean cosine similarity", lesson.likeness, 0.9, 0.99)
    lesson.says("On MNIST the mean stays above 0.9.")


def test_the_shift(lesson, claim):
    mlp, cnn = lesson.accuracies["MLP"], lesson.accuracies["CNN"]
    claim("4 pixels: share of its right answers that the MLP loses", 1 - mlp[4] / mlp[0], 0.6, 0.8)
    claim("4 pixels: share that the CNN loses", 1 - cnn[4] / cnn[0], 0.4, 0.65)
    claim("4 pixels: CNN's accuracy minus the MLP's", cnn[4] - mlp[4], least=0.1)
    longer = lesson.holds["CNN"] - lesson.holds["MLP"]
    claim("shifts that leave more than 70 %: CNN's minus the MLP's, pixels", longer, 1, 2)
    lesson.says("with this recipe and each of five seeds, it is better than the MLP: it holds on for about one pixel")
    lesson.says("One network loses seven of ten of its right answers, the other about half")


def test_how_many_digits_the_edge_cuts(lesson, claim):
    inked = lesson.test.images[:1000, 0].amax(dim=1) > 0  # [1000, 28]: has the column ink?
    cut = {pixels: inked[:, -pixels:].any(dim=1).float().mean().item() for pixels in (4, 7, 8)}
    claim("4 pixels: share of the digits that are cut off, times seven", 7 * cut[4], 0.9, 1.1)
    claim("7 pixels: share of the digits that are cut off", cut[7], least=0.5)
    claim("8 pixels: share of the digits that are cut off", cut[8], least=0.5)
    lesson.says("At 4 pixels one in seven of them is cut off, at 7 and 8 most, on MNIST.")


def test_there_is_a_digit_that_each_loses_at_its_own_shift(lesson):
    def right(model, pixels):
        with torch.no_grad():
            return model(lesson.shift(lesson.test.images[:100], pixels)).argmax(1) == lesson.test.labels[:100]

    mlp, cnn = lesson.rival, lesson.strong
    in_place = right(mlp, 0) & right(cnn, 0)
    assert (in_place & right(cnn, 2) & ~right(mlp, 2) & ~right(cnn, 4) & ~right(mlp, 4)).any()
    lesson.says("a digit that both read in place, at 2 pixels to the right the CNN alone, at 4 neither")


def test_convolutions_are_equivariant_and_the_network_is_not_invariant(lesson, claim):
    claim(
        "feature maps of the moved against moved feature maps, largest difference", lesson.inside.abs().max(), 0, 1e-5
    )
    claim("4 pixels: share of the CNN's answers that stay", lesson.answers.float().mean(), 0.35, 0.7)
    lesson.says("Of the answers, on MNIST only about half stay.")
    # Behind pooling, a move by its stride (or both strides) is one of the maps; a move by less is none.
    digits = lesson.test.images[:100]
    with torch.no_grad():
        for layers, stride in ((3, 2), (6, 4)):
            first = lesson.strong[:layers]
            moved, maps = first(lesson.shift(digits, right=stride)), first(digits)
            assert torch.allclose(moved[..., 2:], lesson.shift(maps, right=1)[..., 2:], atol=1e-5)
            less = first(lesson.shift(digits, right=stride // 2))[..., 2:]
            assert not any(torch.allclose(less, lesson.shift(maps, right=k)[..., 2:], atol=1e-2) for k in (0, 1))
    lesson.says("Pooling keeps that for moves by its stride")


def test_the_price(lesson, claim):
    counts = [sum(p.numel() for p in model.parameters()) for model in (lesson.rival, lesson.strong)]
    assert counts == [136_074, 121_930]
    products = [lesson.summary(m, (1, 1, 28, 28), verbose=0).total_mult_adds for m in (lesson.rival, lesson.strong)]
    claim("products an image: CNN's over MLP's", products[1] / products[0], 18.5, 19.5)
    lesson.says("about 19 times as many mult-adds")
    assert [lesson.cnn()[:i](lesson.some.tensors[0][:1])[0, 0].numel() for i in (1, 4)] == [676, 121]
    lesson.says("at 676 places in the first layer and at 121 in the second")


def test_the_answers_to_the_exercises(lesson, shift, claim):
    # Exercise 3: the right answers of a good network are not seen.
    with torch.no_grad():
        pairs = batches(lesson.test, batch_size=10)
        right = sum((lesson.strong(X).argmax(0) == y).sum().item() for X, y in pairs)
    claim("exercise 3: what it takes for the accuracy", right / len(lesson.test), 0.13, 0.18)
    lesson.says("and returns about 15 %")

    # Exercise 6: digits that stand still, and have been moved.
    wrong = wrong_after(lambda X: X, Draw(shift))
    claim("exercise 6, without help: read right where the digits are", 1 - wrong[0], 0.91, 0.99)
    claim("exercise 6, without help: read right when moved by 2 pixels", 1 - wrong[2], most=0.33)
    lesson.says("it then reads some 95 % of 360 held-out images without your help")
    lesson.says("moved by two pixels to the right, fewer than a third")

    # After exercise 6: show it moved digits while training.
    torch.manual_seed(shift)
    model = copy.deepcopy(lesson.strong)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    for _ in range(2):
        for X, y in batches(lesson.few, batch_size=16):
            X = lesson.shift(X, right=torch.randint(-4, 5, ()).item())
            optimizer.zero_grad()
            F.cross_entropy(model(X), y).backward()
            optimizer.step()
    claim("after exercise 6: accuracy at 4 pixels", lesson.shifted_accuracy(model, 4), least=0.9)
    lost = lesson.accuracies["CNN"][0] - lesson.shifted_accuracy(model, 0)
    claim("after exercise 6: accuracy lost at 0", lost, most=0.02)

    # To explore: no place has weights of its own.
    torch.manual_seed(shift)
    model = nn.Sequential(*lesson.cnn()[:5], nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(64, 10))
    lesson.trained(model, lesson.few, lesson.epochs)
    flat = [lesson.shifted_accuracy(model, right) for right in (0, 4)]
    claim("to explore: accuracy that the CNN has more", lesson.accuracies["CNN"][0] - flat[0], 0.03, 0.1)
    claim("to explore: accuracy", flat[0], 0.84, 0.92)
    claim("to explore: accuracy lost at 4 pixels", flat[0] - flat[1], most=0.03)
    assert sum(p.numel() for p in model.parameters()) == 19_466
    lesson.says("about six points against `strong`, trained the same way")
