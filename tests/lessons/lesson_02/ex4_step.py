import torch

from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
@torch.no_grad()
def step(parameters, lr):
    for p in parameters:
        p.add_(p.grad, alpha=-lr)
        p.grad.zero_()


@answers.right
def step_sgd(parameters, lr):
    optimizer = torch.optim.SGD(parameters, lr=lr)
    optimizer.step()
    optimizer.zero_grad()


answers.wrong("uphill")(lambda parameters, lr: step(parameters, -lr))


@answers.wrong("does_not_clear")
def step_only(parameters, lr):
    torch.optim.SGD(parameters, lr=lr).step()


@answers.wrong("renames")
def step_in_a_list(parameters, lr):
    parameters = [(p - lr * p.grad).detach() for p in parameters]


@answers.wrong("renames")
def step_replaced(parameters, lr):
    with torch.no_grad():
        for i in range(len(parameters)):
            parameters[i] = (parameters[i] - lr * parameters[i].grad).requires_grad_()


@answers.wrong("records")
def step_recorded(parameters, lr):
    for p in parameters:
        p.sub_(lr * p.grad)


answers.unknown("The list of the two parameters after two steps at [0] is")(
    lambda parameters, lr: step(parameters, lr / 2)
)
answers.unknown("The list of the two parameters after two steps at [1] is")(
    lambda parameters, lr: step(parameters[:1], lr)
)
