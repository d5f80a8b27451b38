"""What a model promises: it trains, or one sentence says what is wanted, before the first step and at every door."""

import math
import re

import pytest
import torch
from torch import nn

from course_utils import data
from course_utils.experiment import Experiment
from course_utils.panels import DrawPad, TrainingPanel
from course_utils.sweep import sweep
from course_utils.training import Trainer, evaluate, fit, train_epoch

STROKE = [[[85, 75], [195, 75], [130, 215]]]


@pytest.fixture(scope="module")
def digits():
    return data.digits()


class Net(nn.Module):
    """A linear layer for digits, and whatever `after` makes of its outputs."""

    after = staticmethod(lambda logits: logits)

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(64, 10)

    def forward(self, X):
        return self.after(self.layer(X.flatten(1)))


class Constant(nn.Module):
    """A baseline: the same for every picture, and nothing to train."""

    def forward(self, X):
        return torch.arange(10.0).expand(len(X), 10)


class WithArguments(Net):
    def __init__(self, hidden):
        super().__init__()


class Recurrent(nn.GRU):
    def __init__(self):
        super().__init__(8, 10, batch_first=True)

    def forward(self, X):
        return super().forward(X.squeeze(1))


def frozen():
    return Net().requires_grad_(False)


def sgd(model):
    return torch.optim.SGD(model.parameters(), lr=0.1)


def gives(after):
    """A class of networks whose forward gives `after(logits)`."""
    return type("Odd", (Net,), {"after": staticmethod(after)})


def one_sentence(text):
    assert len(text) < 500 and "\n" not in text
    return text


# What is given as `model`, and what is said when the Experiment is made.
NO_FACTORY = {
    "a network": (Net(), "model is a network, a Net: it must be what builds one"),
    "a class that wants arguments": (WithArguments, "WithArguments, which can't be called without arguments"),
    "torch's own layer": (nn.Linear, "Linear, which can't be called without arguments"),
    "a function of inputs": (lambda X: X, "can't be called without arguments"),
}


@pytest.mark.parametrize("name", NO_FACTORY)
def test_what_builds_no_network_is_refused_when_an_experiment_is_made(name):
    given, sentence = NO_FACTORY[name]
    with pytest.raises(TypeError, match=re.escape(sentence)) as caught:
        Experiment(data="digits", model=given)
    one_sentence(str(caught.value))


# What builds a network, and what is said once it is built.
NOTHING_TO_TRAIN = {
    "no return": (lambda: None, "what model gives is None: a function that builds a network ends with `return`"),
    "the class again": (lambda: Net, "what model gives is the class Net: it must be a network, Net()"),
    "text": (lambda: "mlp", "what model gives is a str: it must be an nn.Module"),
    "no parameters": (Constant, "model is a Constant without parameters: there is nothing to train"),
    "all frozen": (frozen, "model is a Net whose parameters are all frozen"),
    "the same each time": (lambda net=Net(): net, "model gives the same Net each time"),  # noqa: B008
    "an old layer in it": (lambda old=Net(): nn.Sequential(old, nn.Linear(10, 10)), "or the same layer in it"),  # noqa: B008
}
# What a forward makes of good logits, and what is said at its first output.
ODD_OUTPUTS = {
    "a pair": (lambda logits: (logits, logits), "the model returned a tuple of 2, as an RNN does: take its first"),
    "nothing": (lambda logits: None, "the model returned None: its forward has no `return`"),
    "a dict": (lambda logits: {"logits": logits}, "the model returned a dict"),
    "NumPy": (lambda logits: logits.detach().numpy(), "the model returned a ndarray"),
    "[B]": (lambda logits: logits[:, 0], "predictions are [64] and class numbers [64]"),
    "detached": (lambda logits: logits.detach(), "the model's output (torch.float32) has no gradient"),
    "answers": (lambda logits: logits.argmax(1), "the model's output (torch.int64) has no gradient"),
    "5 of 10 classes": (lambda logits: logits[:, :5], "the model has 5 outputs"),
}
BAD = NOTHING_TO_TRAIN | {name: (gives(after), sentence) for name, (after, sentence) in ODD_OUTPUTS.items()}
BAD["other sizes"] = (
    lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 10)),
    "the model can't take a batch X of [64, 1, 8, 8]: ",
)
BAD["a GRU"] = Recurrent, "the model returned a tuple of 2, as an RNN does"


@pytest.mark.parametrize("name", BAD)
def test_a_model_that_cannot_train_is_one_sentence_in_a_run_and_in_a_sweep(name):
    build, sentence = BAD[name]
    experiment = Experiment(data="digits", model=build, epochs=1)
    for train in (experiment.run, lambda: sweep(experiment, seed=[0, 1])):
        with pytest.raises((TypeError, ValueError), match=re.escape(sentence)) as caught:
            train()
        one_sentence(str(caught.value))


@pytest.mark.parametrize("name", ODD_OUTPUTS)
def test_it_is_the_same_sentence_in_fit_and_beside_a_panel(digits, name):
    build, sentence = BAD[name]
    model = build()
    with pytest.raises((TypeError, ValueError), match=re.escape(sentence)):
        fit(model, digits[0], sgd(model), epochs=1)
    panel = TrainingPanel(data="digits", model=build, epochs=1)
    panel.play()
    assert panel.wait(20) and sentence in panel.error


@pytest.mark.parametrize("use", [evaluate, lambda model, part: fit(model, part, None)])
@pytest.mark.parametrize("given", [Net, None, "mlp"])
def test_no_network_is_refused_by_fit_and_evaluate(digits, use, given):
    with pytest.raises(TypeError, match=r"^model is "):
        use(given, digits[1])


def test_a_baseline_without_parameters_is_evaluated_and_drawn_for(digits):
    _, accuracy = evaluate(Constant(), digits[1])
    assert accuracy == pytest.approx((digits[1].y == 9).double().mean().item())
    pad = DrawPad(Constant())
    pad.strokes = STROKE
    assert pad.error == "" and pad.sentence.startswith("Most likely 9")


def test_a_pad_says_what_is_wrong_with_a_model():
    wrong = {
        "NaN or infinite": lambda X: torch.full((1, 10), math.nan),
        "the model returned a tuple of 2": lambda X: (X, X),
        "the model returned None": lambda X: None,
    }
    for sentence, model in wrong.items():
        pad = DrawPad(model)
        pad.strokes = STROKE
        assert sentence in pad.error and "nan %" not in pad.sentence
    with pytest.raises(TypeError, match=r"model is the class Net: it must be a network, Net\(\)"):
        DrawPad(Net)
    with pytest.raises(ValueError, match=r"classes is .* at least two names"):
        DrawPad(Constant(), classes=["one"])


def test_lazy_layers_get_their_sizes_under_the_seed():
    def lazy():
        return nn.Sequential(nn.Flatten(), nn.LazyLinear(16), nn.LazyBatchNorm1d(), nn.ReLU(), nn.LazyLinear(10))

    experiment = Experiment(data="digits", model=lazy, epochs=1, seed=3)
    run = experiment.start()
    assert [tuple(p.shape) for p in run.model.parameters()] == [(16, 64), (16,), (16,), (16,), (10, 16), (10,)]
    assert all(module.training for module in run.model.modules())
    assert run.step(run.total_steps) == experiment.run() == sweep([experiment])[0]
    assert experiment.but(seed=4).run() != experiment.run()


def norms():
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.BatchNorm1d(8), nn.Linear(8, 10))


def pictures():
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(144, 10))


def test_a_last_batch_of_one_is_seen_before_the_first_step(digits):
    experiment = Experiment(data="digits", model=norms, epochs=1)  # 1,437 = 359·4 + 1
    with pytest.raises(ValueError, match=r"batch_size is 4: of 1,437 .* BatchNorm1d .* right, 5 for example") as caught:
        experiment.but(batch_size=4).start()
    one_sentence(str(caught.value))
    with pytest.raises(ValueError, match="batch_size is 1: "):
        experiment.but(batch_size=1).start()
    experiment.but(batch_size=5).start()
    experiment.but(model=pictures, batch_size=4).start()  # of one picture it takes 36 values a channel
    model = norms()
    with pytest.raises(ValueError, match="batch_size is 4"):
        fit(model, digits[0], sgd(model), batch_size=4)
    fresh = norms()
    run = experiment.but(batch_size=1436, model=lambda: pictures()).start()  # looked at, and left as it was
    assert all(module.training for module in run.model.modules()) and fresh[2].num_batches_tracked == 0
    assert int(run.model[1].num_batches_tracked) == 0


def test_every_module_is_afterwards_in_the_mode_it_was_in(digits):
    model = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(64), nn.Dropout(), nn.Linear(64, 10))
    model[1].eval()  # as one does with borrowed layers
    modes = [module.training for module in model.modules()]
    evaluate(model, digits[1])
    assert [module.training for module in model.modules()] == modes
    pad = DrawPad(model, size=8)
    pad.strokes = STROKE
    assert pad.error == "" and [module.training for module in model.modules()] == modes


def test_an_optimizer_holds_what_the_model_has_now(digits):
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 10))
    optimizer = sgd(model)
    model[3] = nn.Linear(16, 10)
    for use in (
        lambda: fit(model, digits[0], optimizer),
        lambda: Trainer(model, data.batches(digits[0], 64), optimizer),
        lambda: train_epoch(model, data.batches(digits[0], 64), optimizer),
    ):
        with pytest.raises(ValueError, match="optimizer holds 2 of 4 tensors that are not the model's"):
            use()
    fit(model, digits[0], torch.optim.SGD(model[3].parameters(), lr=0.1), epochs=1)  # a part of it, on purpose


def test_what_the_loss_learns_may_be_in_the_optimizer_too(digits):
    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.ones(()))

        def forward(self, logits, y):
            return nn.functional.cross_entropy(self.scale * logits, y)

    model, loss_fn = Net(), Scaled()
    optimizer = torch.optim.SGD([*model.parameters(), *loss_fn.parameters()], lr=0.1)
    fit(model, digits[0], optimizer, epochs=1, loss_fn=loss_fn)
    assert loss_fn.scale != 1


def test_a_trainer_of_its_own_has_the_same_gate(digits):
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    loader = data.batches(digits[0], 64)
    with pytest.raises(TypeError, match="model is the class Net: it must be a network"):
        Trainer(Net, loader, sgd(model))
    with pytest.raises(TypeError, match="test is 3"):
        Trainer(model, loader, sgd(model), test=3)
    X, y = digits[1].X.numpy(), digits[1].y.numpy()
    trainer = Trainer(model, loader, sgd(model), epochs=1, test=(X, y))
    assert trainer.finish().test_accuracy == [evaluate(model, digits[1])[1]]
