"""What notebook 06c says of networks that read. The figures in its prose are those of MNIST."""

import pytest
import torch
from torch.nn import functional as F

from tests.lessons.lesson_06.runs import near

LESSON = "06c_sequences.ipynb"
pytestmark = pytest.mark.usefixtures("mnist")


def test_the_rnn_by_hand(lesson, claim):
    claim("RNN by hand against nn.RNN, largest difference", lesson.rnn_gap, most=1e-5)
    assert sum(p.numel() for p in lesson.rnn.parameters()) == (6 * 4 + 4) + (4 * 4 + 4) == 48


def test_the_reader_needs_batch_first(lesson, claim):
    maps = F.max_pool2d(lesson.Reader().conv(lesson.X_some[:1]), 2)
    assert (tuple(maps.shape), maps.numel()) == ((1, 32, 13, 13), 5408)
    lesson.says("A convolution and a pooling turn each image into 32 maps of 13×13, which are 5,408 numbers")
    claim("Reader, batch_first=True: accuracy", lesson.remembers, 0.7, 0.93)
    claim("Reader without: accuracy", lesson.forgets, 0.0, 0.2)
    near(lesson, 87, 100 * lesson.remembers, 4)
    lesson.says("On MNIST 87 % right against one in ten; over five seeds 75 to 87 %.")


def test_a_batch_read_as_time(lesson, claim):
    for replaced in range(8):
        as_heard, mended = (lesson.who_changes(lesson.readers[m], lesson.X_try, replaced) for m in (False, True))
        assert [change > 0 for change in as_heard] == [i >= replaced for i in range(8)]
        assert [change > 0 for change in mended] == [i == replaced for i in range(8)]
    right = [(lesson.answers(model, lesson.X_held) == lesson.y_held).float().mean() for model in lesson.pair.values()]
    claim("batch as time: accuracy", right[0], 0.8, 1)
    claim("mended: accuracy minus that of the batch as time", right[1] - right[0], -0.03, 0.05)
    claim("batch as time: answers that depend on the order", lesson.depends["as heard"], 0.015, 0.08)
    assert lesson.depends["mended"] == 0
    lesson.says("three to six of a hundred answers, depending on the seed")


def test_one_sequence_of_eight_steps_in_three_dimensions(lesson):
    class Wrong(lesson.Copied):
        def forward(self, X):
            X = F.max_pool2d(F.relu(self.conv(X)), 2).flatten(1).unsqueeze(0)
            return self.out(self.rnn(X)[0].flatten(0, -2))

    changes = lesson.who_changes(Wrong(), lesson.X_try, 3)
    assert [change > 0 for change in changes] == [i >= 3 for i in range(8)]


def larger_named(lesson, model):
    """The share of the 500 held-out pairs whose larger digit the model names."""
    answers = lesson.answers(model, lesson.X_held.view(500, 2, 1, 28, 28))
    return (answers == lesson.y_held.view(500, 2).max(dim=1).values).float().mean()


def test_the_open_goal(lesson, shift, claim):
    torch.manual_seed(shift)
    model = lesson.Reader()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9)
    for step in range(200):
        if step == 50:
            claim("the larger digit: accuracy after 50 steps", larger_named(lesson, model), 0.4, 0.7)
        chosen = torch.randint(len(lesson.some), (32, 2))
        loss = F.cross_entropy(model(lesson.X_some[chosen]), lesson.y_some[chosen].max(dim=1).values)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    claim("the larger digit: accuracy after 200 steps", larger_named(lesson, model), 0.76, 0.9)
    lesson.says("After 50 steps it is far below; with `steps=200` it gets to about 80 % on MNIST.")
