"""03-5: an MLP of any widths."""

from torch import nn

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "build_mlp",
    kind="write",
    title="Any widths",
    size="write",
    minutes=8,
    text="`build_mlp(widths)` returns an MLP with ReLU as an `nn.Sequential`. `build_mlp([6, 5, 4, 3])` takes 6 "
    "numbers for each example, `[B, 6]`, has hidden layers of 5 and 4 neurons, and ends in 3 logits.",
    hints=(
        "Each linear layer joins two neighbours, `widths[i]` and `widths[i + 1]`. Four widths have three such pairs.",
        "Collect the layers in a list: a linear layer and a ReLU, again and again. Which ReLU is one too many?",
        "`nn.Sequential(*layers)` takes them out of the list, one by one.",
    ),
    remember="An activation stands *between* two layers. After the last one it would cut off every logit below 0.",
)


@exercise.probe
def probe(build_mlp, draw):
    widths = [draw.size(width) for width in range(2 + draw.size(4), 2, -1)]  # [6, 5, 4, 3]
    examples, outputs = draw.size(7), draw.size(2)
    X = draw.randn(examples, widths[0])
    model = build_mlp(list(widths))
    yield "what `build_mlp` returns", "a module" if isinstance(model, nn.Module) else model
    yield f"the list of the parameters' shapes of `build_mlp({widths})`", probes.shapes(model)
    same = [outputs, outputs, outputs, outputs]
    equal = build_mlp(list(same))
    yield f"the list of the parameters' shapes of `build_mlp({same})`", probes.shapes(equal)
    probes.fill(model)
    yield f"the table of logits of {examples} examples", model(X)
    single = build_mlp([widths[0], outputs])
    probes.fill(single)
    yield f"the result of `build_mlp([{widths[0]}, {outputs}])`, a single layer,", single(X)
    probes.fill(equal)
    yield f"the result of `build_mlp({same})`", equal(X[:, :outputs])


@exercise.solution
def solution(widths):  # [6, 5, 4, 3]: 6 inputs, 3 logits
    layers = []
    for i in range(len(widths) - 1):
        layers += [nn.Linear(widths[i], widths[i + 1]), nn.ReLU()]
    return nn.Sequential(*layers[:-1])  # no ReLU after the last


exercise.starter("raise NotImplementedError  # an nn.Sequential, ReLU between its layers")
exercise.edit("one_too_many", "*layers[:-1]", "*layers").says(
    "There is a ReLU after the last layer as well: no logit can be below 0. Leave the last one out."
)
exercise.edit("ends_in_softmax", "*layers[:-1])", "*layers[:-1], nn.Softmax(dim=1))").says(
    "It ends in a softmax, and returns probabilities. Logits are wanted: the loss takes the softmax itself."
)
exercise.edit("without_activation", ", nn.ReLU()]", "]", "*layers[:-1]", "*layers").says(
    "There is no activation, so all these layers together are one linear layer (lesson 03)."
)
exercise.edit("stops_too_early", "len(widths) - 1", "len(widths) - 2", "*layers[:-1]", "*layers").says(
    "The last layer is missing: four widths make *three* linear layers."
)
exercise.edit("turned", "widths[i], widths[i + 1]", "widths[i + 1], widths[i]").says(
    "Inputs and outputs are exchanged: it is `nn.Linear(inputs, outputs)`."
)
exercise.edit("sequential_of_a_list", "*layers", "layers").says(
    "`nn.Sequential` takes layers, not a list of layers: unpack it with a star, `nn.Sequential(*layers)`."
)
exercise.edit("returns_the_list", "nn.Sequential(*layers[:-1])", "layers[:-1]").says(
    "You return the list of layers. A list can't be called: make a network of it with `nn.Sequential`."
)
