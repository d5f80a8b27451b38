import torch

from tests.lessons.exercise_answers import Answers

answers = Answers()


def counting(record=False, switch=True, dim=1, combine=lambda right, images: sum(right) / sum(images)):
    def share_right(model, batches):
        if switch:
            model.train(False)
        right, images = [], []
        with torch.set_grad_enabled(record):
            for X, y in batches:
                answers = torch.argmax(model(X), dim)
                right.append(torch.eq(answers, y).sum())
                images.append(y.numel())
        return combine(right, images)

    return share_right


answers.right(counting())


@answers.right
def share_at_once(model, batches):
    X, y = (torch.cat(part) for part in zip(*batches, strict=True))
    with torch.inference_mode():
        return (model.eval()(X).argmax(-1) == y).double().mean().item()


def mean_share(right, images):
    return sum(r / n for r, n in zip(right, images, strict=True)) / len(right)


answers.wrong("mean_of_means")(counting(combine=mean_share))
answers.wrong("over_the_images")(counting(dim=0))
answers.wrong("in_training_mode")(counting(switch=False))
answers.wrong("in_training_mode")(counting(switch=False, record=True))
answers.wrong("records")(counting(record=True))
answers.wrong("the_number")(counting(combine=lambda right, images: sum(right)))
answers.wrong("all_of_one_size")(counting(combine=lambda right, images: sum(right) / (3 * images[0])))
answers.wrong("the_last_batch")(counting(combine=lambda right, images: right[-1] / images[-1]))
answers.wrong("the_first_batch")(counting(combine=lambda right, images: right[0] / images[0]))
answers.unknown("The share of right answers in batches of 10, 10 and 4 is 0.75, and 0.66667 is right.")(
    lambda model, batches: counting()(model, batches[:2])
)
answers.unknown("is 66.667, and 0.66667 is right.")(lambda model, batches: 100 * counting()(model, batches))


@answers.wrong("in_training_mode")
def share_switched_too_late(model, batches):
    right = images = 0
    with torch.no_grad():
        for X, y in batches:
            right += (model(X).argmax(1) == y).sum()
            images += len(y)
            model.eval()
    return right / images


answers.wrong("divides_by_batches")(counting(combine=lambda right, images: sum(right) / len(images)))
answers.unknown("is 0.33333, and 0.66667 is right.")(lambda model, batches: 1 - counting()(model, batches))
