import torch
from torch.nn import functional as F

from tests.lessons.exercise_answers import Answers

answers = Answers()


def training(
    clear="before",
    step="after",
    train=True,
    epochs=None,
    softmax=False,
    of="images",
    result=list,
    item=True,
    late=False,
    anew=True,
):
    def answer(model, loader, optimizer, number):
        model.train(train)
        means, noted = [], []
        for _ in range(epochs or number):
            noted = [] if anew else noted
            for X, y in loader:
                if clear == "before" and step == "after":
                    optimizer.zero_grad()
                logits = model(X)
                if step == "before":
                    optimizer.step()
                    optimizer.zero_grad()
                loss = F.nll_loss(F.log_softmax(logits.softmax(1) if softmax else logits, 1), y)
                loss.backward()
                if clear == "late":
                    optimizer.zero_grad()
                if step == "after":
                    optimizer.step()
                if clear == "after":
                    optimizer.zero_grad()
                seen = F.cross_entropy(model(X), y) if late else loss
                noted.append((seen.item() if item else seen, len(y)))
            values = [value for value, _ in noted]
            total = sum(value * size for value, size in noted)
            images = sum(size for _, size in noted)
            means.append({
                "images": total / images, "batches": sum(values) / len(values), "last": values[-1], "sum": total,
                "mixed": total / len(values),
            }[of])  # fmt: skip
        return result(means)

    return answer


answers.right(training())
answers.right(training(clear="after"))
answers.wrong("clears_never")(training(clear="never"))
answers.wrong("never_steps")(training(step="never"))
answers.wrong("never_steps")(training(clear="late"))
answers.wrong("steps_first")(training(step="before"))
answers.wrong("one_epoch")(training(epochs=1))
answers.wrong("softmax_twice")(training(softmax=True))
answers.wrong("not_in_training_mode")(training(train=False))
answers.wrong("returns_nothing")(training(result=lambda means: None))
answers.wrong("keeps_graphs")(training(item=False))
answers.wrong("the_last_loss")(training(of="last"))
answers.wrong("mean_of_means")(training(of="batches"))
answers.wrong("sums")(training(of="sum"))
answers.wrong("divides_by_batches")(training(of="mixed"))
answers.wrong("never_starts_anew")(training(anew=False))
answers.wrong("measures_after_the_step")(training(late=True))


@answers.wrong("returns_in_the_loop")
def train_one_epoch(model, loader, optimizer, epochs):
    training(epochs=1)(model, loader, optimizer, 1)
    return []


answers.unknown("The tensor of all weights afterwards")(
    lambda model, loader, optimizer, epochs: training()(model, loader[:-1], optimizer, epochs)
)
answers.unknown("What `train` returns")(training(result=torch.tensor))
answers.unknown("The list of mean losses")(training(result=lambda means: [2 * mean for mean in means]))
