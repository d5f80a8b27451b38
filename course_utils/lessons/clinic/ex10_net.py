"""clinic-10: layers in a plain list."""

from torch import nn

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "Net",
    kind="repair",
    title="Four layers, one learns",
    minutes=3,
    text="No error. But it learns no better than one layer would, and the saved file is suspiciously small.",
    hints=(
        "Count: `len(list(Net().parameters()))`. How many should there be, for four layers?",
        "A Module finds layers in its attributes, but does not look into Python's lists.",
        "`nn.ModuleList` is the list that it does look into.",
    ),
    remember="A Module knows the layers and parameters that are its attributes, or in a Module that is. Layers in a "
    "plain list compute, but are not trained, not saved and not moved to the GPU.",
)


@exercise.probe
def probe(Net, draw):
    model = Net()
    yield "`isinstance(Net(), nn.Module)`", isinstance(model, nn.Module)
    yield "the list of its parameters' shapes", probes.shapes(model)
    yield (
        "the list of the shapes in its `state_dict()`",
        sorted(str(list(t.shape)) for t in model.state_dict().values()),
    )
    probes.fill(model)
    n = draw.size(6)
    yield f"the result for a batch of {n}", model(draw.randn(n, 4))


@exercise.solution
class Solution(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])
        self.out = nn.Linear(4, 2)

    def forward(self, X):
        for layer in self.hidden:
            X = layer(X).relu()
        return self.out(X)  # [B, 4] -> [B, 2]


exercise.broken("nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])", "[nn.Linear(4, 4) for _ in range(3)]").says(
    "It still has no more to learn with than one layer."
)
exercise.edit("SharesOneLayer", "[nn.Linear(4, 4) for _ in range(3)]", "[nn.Linear(4, 4)] * 3").says(
    "`parameters()` has one set of weights for the hidden layers: make three, each a new one under a name of its own."
)
exercise.edit("SequentialOfAList", "ModuleList", "Sequential").says(
    "`nn.Sequential` takes layers, not a list of layers: unpack it with a star, `nn.Sequential(*layers)`."
)
exercise.edit("LosesTheActivation", ".relu()", "").says(
    "All layers are found now, but the `relu` between them is lost: four linear layers in a row are one."
)


@exercise.mistake(
    "Your `parameters` finds all layers, so they are trained. `state_dict()` does not ask it: the file is as small as "
    "it was. In an `nn.ModuleList` the layers are found by all."
)
class FindsThemItself(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = [nn.Linear(4, 4) for _ in range(3)]
        self.out = nn.Linear(4, 2)

    def parameters(self, recurse=True):
        for layer in (*self.hidden, self.out):
            yield from layer.parameters()

    def forward(self, X):
        for layer in self.hidden:
            X = layer(X).relu()
        return self.out(X)
