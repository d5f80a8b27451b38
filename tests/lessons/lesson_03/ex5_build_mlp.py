import itertools

from torch import nn
from torch.nn import functional as F

from tests.lessons.exercise_answers import Answers

answers = Answers()


def stack(last=False, bend=nn.ReLU, until=None, turn=1):
    def build_mlp(widths):
        net = nn.Sequential()
        pairs = list(itertools.pairwise(widths))[:until]
        for place, pair in enumerate(pairs):
            net.append(nn.Linear(*pair[::turn]))
            if last or place < len(pairs) - 1:
                net.append(bend())
        return net

    return build_mlp


answers.right(stack())


@answers.right
class Stack(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.head = nn.Linear(*widths[-2:])
        self.hidden = nn.ModuleList(nn.Linear(*widths[i : i + 2]) for i in range(len(widths) - 2))

    def forward(self, X):
        for layer in self.hidden:
            X = F.relu(layer(X))
        return self.head(X)


answers.right(lambda widths: nn.Sequential(nn.Flatten(), *stack()(widths)))


@answers.right
def stack_with_other_weights(widths):
    net = stack()(widths)
    for p in net.parameters():
        nn.init.normal_(p, std=0.1)
    return net


answers.wrong("one_too_many")(stack(last=True))
answers.wrong("without_activation")(stack(bend=nn.Identity))
answers.wrong("ends_in_softmax")(lambda widths: nn.Sequential(stack()(widths), nn.Softmax(1)))
answers.wrong("stops_too_early")(stack(until=-1))
answers.wrong("turned")(stack(turn=-1))
answers.wrong("sequential_of_a_list")(lambda widths: nn.Sequential(list(stack()(widths))))
answers.wrong("returns_the_list")(lambda widths: list(stack()(widths)))
answers.unknown("The table of logits of 7 examples is")(stack(bend=nn.Sigmoid))
answers.unknown("The list of the parameters' shapes of `build_mlp([6, 5, 4, 3])` has 2 entries, and 6 are right.")(
    stack(until=1)
)
answers.unknown("The result of `build_mlp([6, 2])`, a single layer, is")(
    lambda widths: stack(last=len(widths) == 2)(widths)
)


@answers.unknown("The result of `build_mlp([2, 2, 2, 2])` is")
def build_by_the_last_width(widths):
    layers = []
    for one, other in itertools.pairwise(widths):
        layers += [nn.Linear(one, other), nn.ReLU()] if other != widths[-1] else [nn.Linear(one, other)]
    return nn.Sequential(*layers)


@answers.unknown("What your code changes in place is `widths`")
def build_from_the_front(widths):
    layers = []
    while len(widths) > 1:
        layers += [nn.Linear(widths.pop(0), widths[0]), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


@answers.unknown("The list of the parameters' shapes of `build_mlp([2, 2, 2, 2])` has 2 entries, and 6 are right.")
def build_by_width(widths):
    layers = {f"to {out}": nn.Linear(width, out) for width, out in itertools.pairwise(widths)}
    return nn.Sequential(*[part for layer in layers.values() for part in (layer, nn.ReLU())][:-1])
