"""08-1: freeze all but a new last layer."""

import torch
from torch import nn

from course_utils.exercises.compare import kind
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "only_head",
    kind="write",
    title="All but the head",
    minutes=6,
    text="`model` is an `nn.Sequential` that was trained on other pictures; its last layer is an `nn.Linear`. "
    "`only_head(model, classes)` puts a new linear layer with `classes` outputs in the place of the last one, freezes "
    "all other layers (`requires_grad` is False), and returns the network. It may change `model` itself.",
    hints=(
        "Two steps: freeze every parameter there is, then put in a new layer. Why in this order?",
        "`for p in model.parameters(): p.requires_grad = False` freezes them. A new layer can be trained by itself.",
        "`model[-1]` is the last layer, and can be assigned to. `model[-1].in_features` is the number of its inputs.",
    ),
    remember="Freeze first, then build: a new layer comes with `requires_grad=True`, so it alone learns.",
)


@exercise.probe
def probe(only_head, draw):
    n, channels, hidden, known, classes = draw.size(6), draw.size(2), draw.size(7), draw.size(10), draw.size(3)
    X = draw.randn(n, 1, 6, 6)
    model = draw.network(
        lambda: nn.Sequential(
            *(nn.Conv2d(1, channels, 3), nn.ReLU(), nn.Flatten()),
            *(nn.Linear(channels * 16, hidden), nn.PReLU(), nn.Linear(hidden, known)),
        )
    )
    features = model[:-1](X).detach()
    result = only_head(model, classes)
    yield "what `only_head` returns", "a network" if isinstance(result, nn.Module) else kind(result)
    trainable = sorted(str(list(p.shape)) for p in result.parameters() if p.requires_grad)
    yield "the list of shapes of what can be trained", trainable
    seen = []
    for layer in result.modules():
        if isinstance(layer, nn.Linear):
            layer.register_forward_hook(lambda layer, given, answer: seen.append((given[0], answer)))
    logits = result(X)
    given, answer = seen[-1]  # same: of two the last is the second
    # Not so behind a body that was made anew.
    same = given.shape == features.shape and torch.allclose(given, features, atol=1e-5)
    yield "whether the last layer still gets what it got before", "yes" if same else "no"
    yield "whether the network returns what its last layer computes", "yes" if logits.equal(answer) else "no"


@exercise.solution
def solution(model, classes):
    for p in model.parameters():
        p.requires_grad = False
    model[-1] = nn.Linear(model[-1].in_features, classes)  # new: not frozen
    return model


FREEZE = "    for p in model.parameters():\n        p.requires_grad = False\n"
HEAD = "    model[-1] = nn.Linear(model[-1].in_features, classes)  # new: not frozen\n"
ANEW = "    model[0].reset_parameters()\n    model[3].reset_parameters()\n"

exercise.starter("raise NotImplementedError  # a new last layer, all others frozen")
exercise.edit("freezes_nothing", FREEZE, "    model.requires_grad = False\n").says(
    "Every layer can still be trained. What freezes is set for each parameter, or by the network's own method, whose "
    "name ends with an underscore; an attribute of the network itself is read by nobody."
)
exercise.edit("freezes_the_head_too", FREEZE, "", HEAD, f"{HEAD}{FREEZE}").says(
    "The new layer is frozen as well, so nothing is left to learn. Freeze before you put it in, or let it learn again "
    "afterwards."
)
exercise.edit("keeps_the_old_head", HEAD, "    model[-1].requires_grad_(True)\n").says(
    "The rest is frozen, and the last layer is the old one: its weights have the shape for the old classes. Make a new "
    "layer. (`out_features` is only a note of how a layer was made; writing to it leaves the weights as they are.)"
)
exercise.edit("puts_one_behind", HEAD, "    model.append(nn.Linear(model[-1].out_features, classes))\n").says(
    "The new layer has as many inputs as the old one had outputs, as if it stood behind it. It belongs in the place of "
    "the old one, and takes what that one took."
)
exercise.edit("freezes_the_head_alone", FREEZE, "", HEAD, f"{HEAD}    model[-1].requires_grad_(False)\n").says(
    "The wrong way round: the new layer is frozen, and all the others can be trained."
)
exercise.edit("freezes_the_first_layer", "model.parameters()", "model[0].parameters()").says(
    "The convolution is frozen, and the hidden `nn.Linear` can still be trained. All layers but the new one are to be "
    "frozen, whatever their class."
)
exercise.edit(
    "freezes_two_classes_of_layers",
    "model.parameters()",
    "nn.ModuleList(layer for layer in model if isinstance(layer, (nn.Conv2d, nn.Linear))).parameters()",
).says(
    "Convolutions and linear layers are frozen, and other layers have parameters, too: a BatchNorm, or here an "
    "`nn.PReLU`. `model.parameters()` has those of all of them."
)
exercise.edit(
    "freezes_the_weights",
    "    for p in model.parameters():\n",
    '    for p in [p for name, p in model.named_parameters() if "weight" in name]:\n',
).says(
    "The weights are frozen, and the biases in front of the new layer can still be trained. `model.parameters()` has "
    "both."
)
exercise.edit("lets_the_weight_learn_alone", HEAD, f"{HEAD}    model[-1].bias.requires_grad = False\n").says(
    "Of the new layer only the weight can be trained. Its bias is new, too, and has to learn."
)
exercise.edit("forgets_the_body", "    return model", f"{ANEW}    return model").says(
    "Frozen as it should be; but the layers in front of the new one don't compute what they did before. What they have "
    "learned has to stay: keep them, and don't build them anew."
)
