"""clinic-1: a method that Python never calls."""

from torch import nn

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "Net",
    kind="repair",
    title="The missing layer",
    minutes=2,
    text="`Net()` works. The first batch stops it: `AttributeError: 'Net' object has no attribute 'hidden'`. But "
    "there it stands, in the fourth line.",
    hints=(
        "The layers are made in a method. Print something in it: is it ever called?",
        "Python calls one method by itself when an object is made. Compare its name letter by letter.",
        "It is `__init__`, with two underscores on each side.",
    ),
    remember="Python calls `__init__` by its name. Under any other name it is one more method that nobody calls, and "
    "no error says so until a layer is missing.",
)


@exercise.probe
def probe(Net, draw):
    X = draw.randn(draw.size(5), 4)
    model = Net()
    yield "`isinstance(Net(), nn.Module)`", isinstance(model, nn.Module)
    once = model(X)  # the stated failure comes before anything else is looked at
    # same: who makes other layers at each call, and who doesn't, hear so by a diagnosis; these words are never shown
    again = probes.shapes(model) or str(once) == str(model(X))
    yield "whether the same batch gives the same result again", "yes" if again else "no"
    yield "the list of its parameters' shapes", probes.shapes(model)
    yield "the number of parameters of a new `Net()`, before its first batch,", len(list(Net().parameters()))
    probes.fill(model)
    yield f"the result for a batch of {len(X)}", model(X)


@exercise.solution
class Solution(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(4, 8)
        self.out = nn.Linear(8, 3)

    def forward(self, X):
        X = self.hidden(X).relu()  # [B, 4] -> [B, 8]
        return self.out(X)  # [B, 8] -> [B, 3]


exercise.broken("__init__(self)", "__inti__(self)").says("The first batch still stops it.")
exercise.edit("ForgetsSuper", "        super().__init__()\n", "").says(
    "`__init__` is called now, but it doesn't call `super().__init__()` first. That call prepares the place where a "
    "Module keeps its layers."
)


@exercise.mistake(
    "You make the layers in `forward`: new random ones at every call. `parameters()` finds none, so nothing can learn."
)
class MakesLayersInForward(nn.Module):
    def forward(self, X):
        X = nn.Linear(4, 8)(X).relu()
        return nn.Linear(8, 3)(X)


@exercise.mistake(
    "It computes, and the model doesn't know its layers: `parameters()` finds none, so nothing can learn. A layer is "
    "found where it is an attribute of the object itself, `self.hidden = …`."
)
class HidesItsLayers(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(4, 8), nn.Linear(8, 3)]

    def forward(self, X):
        return self.layers[1](self.layers[0](X).relu())


exercise.edit("ReturnsNothing", "return self.out(X)", "self.out(X)", idle=True).says(
    "`forward` computes the result and keeps it to itself: its `return` is missing."
)
