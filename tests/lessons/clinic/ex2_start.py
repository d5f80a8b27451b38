import torch

from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
def start(MyModel, lr):
    model = MyModel()
    return [model, torch.optim.SGD([*model.parameters()], lr)]


@answers.wrong("builds_two")
def start_two(MyModel, lr):
    optimizer = torch.optim.SGD(MyModel().parameters(), lr=lr)
    return MyModel(), optimizer


@answers.wrong("returns_the_class")
def start_class(MyModel, lr):
    network = MyModel()
    return MyModel, torch.optim.SGD(network.parameters(), lr=lr)


@answers.unknown("The optimizer's learning rate is 0.5, and 0.25 is right.")
def start_fast(MyModel, lr):
    model = MyModel()
    return model, torch.optim.SGD(model.parameters(), lr=2 * lr)


@answers.unknown("at [1] is 'Adam', and 'SGD' is right.")
def start_adam(MyModel, lr):
    model = MyModel()
    return model, torch.optim.Adam(model.parameters(), lr=lr)


answers.unknown("at [0] is 'the class Small', and 'Small' is right.")(
    lambda MyModel, lr: (MyModel, torch.optim.Adam(MyModel().parameters(), lr=lr))
)
