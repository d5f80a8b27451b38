import copy
import io

import torch

from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
def checkpoint(model, optimizer):
    return copy.deepcopy(
        {
            "epoch": 2,
            "random": torch.random.get_rng_state(),
            "optimizer": optimizer.state_dict(),
            "model": model.state_dict(),
        }
    )


@answers.right
def checkpoint_by_file(model, optimizer):
    file = io.BytesIO()
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, file)
    file.seek(0)
    return {**torch.load(file, weights_only=True), "random": torch.get_rng_state()}


@answers.wrong("follows_the_run")
def checkpoint_shallow(model, optimizer):
    return {
        "model": dict(model.state_dict()),
        "optimizer": optimizer.state_dict().copy(),
        "random": torch.get_rng_state().clone(),
    }


@answers.wrong("follows_the_optimizer")
def checkpoint_by_clone(model, optimizer):
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    return {"model": weights, "optimizer": optimizer.state_dict(), "random": torch.get_rng_state()}


answers.wrong("follows_the_model")(lambda m, o: checkpoint(m, o) | {"model": m.state_dict()})
answers.wrong("keeps_the_seed")(lambda m, o: checkpoint(m, o) | {"random": 0})
answers.wrong("keeps_the_model")(lambda m, o: checkpoint(m, o) | {"model": m})
answers.wrong("forgets_random")(lambda m, o: {"model": m.state_dict(), "optimizer": o.state_dict()})
answers.unknown("What is missing in the dictionary is 'optimizer, random'")(lambda m, o: {"model": m.state_dict()})
answers.unknown("What `checkpoint` returns is")(lambda m, o: m.state_dict)


@answers.right
def checkpoint_seeding(model, optimizer):
    torch.manual_seed(3)
    return checkpoint(model, optimizer)


@answers.unknown(
    "The list of losses of the run that begins from your checkpoint, less those of the one that went on, is"
)
def checkpoint_of_zeros(model, optimizer):
    kept = checkpoint(model, optimizer)
    return kept | {"model": {name: 0 * value for name, value in kept["model"].items()}}


@answers.unknown(
    "The list of losses of the run that begins from your checkpoint, less those of the one that went on, is"
)
def checkpoint_without_memory(model, optimizer):
    fresh = torch.optim.Adam(model.parameters(), lr=0.05)
    return checkpoint(model, optimizer) | {"optimizer": fresh.state_dict()}


@answers.unknown(
    "The list of losses of the run that begins from your checkpoint, less those of the one that went on, is"
)
def checkpoint_rounded(model, optimizer):
    kept = checkpoint(model, optimizer)
    return kept | {
        "model": {name: value.double().round(decimals=4).to(value.dtype) for name, value in kept["model"].items()}
    }


@answers.unknown("What is missing in its `model` is '1.running_mean, 1.running_var, 1.num_batches_tracked'")
def checkpoint_of_parameters(model, optimizer):
    weights = {name: p.detach().clone() for name, p in model.named_parameters()}
    return {"model": weights, "optimizer": copy.deepcopy(optimizer.state_dict()), "random": torch.get_rng_state()}
