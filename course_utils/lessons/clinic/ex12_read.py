"""clinic-12: the batch read as time."""

from torch import nn

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "read",
    kind="repair",
    title="It depends on the neighbours",
    minutes=5,
    text="Feature maps `[B, C, H, W]` of a CNN go into `rnn`, an `nn.RNN(C*H*W, hidden, batch_first=True)`; each "
    "image is a sequence of *one* step, and `[B, hidden]` comes back. No error, and the right shape. But the result "
    "for an image changes with the images in front of it in the batch.",
    hints=(
        "Read the same image alone and in a batch: `read(rnn, maps[1:2])` and `read(rnn, maps)[1:2]`. Equal?",
        "What does `nn.RNN` take a tensor of *two* dimensions for?",
        "For one sequence [time, features]. A batch has three: [B, time, features]. Here each image is one step.",
    ),
    remember="`nn.RNN` takes two dimensions for one sequence, [time, features]: the images of a batch become moments, "
    "and each hears of those before it. Give it three dimensions.",
)


@exercise.probe
# same: where no two sizes are equal, whoever exchanges two gets an error of torch
def probe(read, draw):
    n, channels, height, width = draw.size(5), draw.size(2), draw.size(3), draw.size(6)
    maps, hidden = draw.randn(n, channels, height, width), draw.size(4)
    rnn = draw.network(lambda: nn.RNN(channels * height * width, hidden, batch_first=True))
    yield f"the result for {n} images", read(rnn, maps)
    yield "the result for a single image", read(rnn, maps[3:4])


@exercise.solution
def solution(rnn, maps):
    X = maps.view(maps.size(0), 1, -1)  # -> [B, 1 step, C*H*W]
    states, _ = rnn(X)  # [B, 1, hidden]
    return states[:, -1]  # [B, hidden]  # same: of one step the first is the last


exercise.broken(
    "1, -1)  # -> [B, 1 step, C*H*W]", "-1)  # [B, C, H, W] -> [B, C*H*W]", "  # [B, 1, hidden]", "", "[:, -1]", ""
).says("The result for an image still changes with the images in front of it.")
exercise.edit("keeps_the_time", "states[:, -1]", "states").says(
    "Read rightly; but the result still has the dimension of time, of length 1. Take the last step: `[:, -1]`."
)
exercise.edit("keeps_the_layers", "states, _ = rnn(X)", "_, last = rnn(X)", "states[:, -1]", "last").says(
    "Read rightly; but the last state has a dimension for the RNN's layers in front, [1, B, hidden]. Take `last[-1]`."
)
exercise.edit("unsqueezes_in_front", "1, -1)", "-1).unsqueeze(0)", "states[:, -1]", "states").says(
    "`unsqueeze(0)` puts the new dimension in front: with `batch_first=True` that is a batch of one, whose time is "
    "your batch. The dimension of time comes second: `unsqueeze(1)`."
)
