from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
def class_by_index(logits, y, c):
    own = (y == c).nonzero()[:, 0]
    return (logits[own].max(dim=1).indices == c).double().mean()


@answers.right
def class_by_loop(logits, y, c):
    found = [row.argmax().item() == c for row, label in zip(logits, y, strict=True) if label == c]
    return sum(found) / len(found)


def of_class(logits, y, c):
    answers = logits.argmax(1)
    return (answers == y)[y == c].sum(), (answers == c).sum()


answers.wrong("divides_by_all")(lambda logits, y, c: of_class(logits, y, c)[0] / y.numel())
answers.wrong("of_those_answered")(lambda logits, y, c: of_class(logits, y, c)[0] / of_class(logits, y, c)[1])
answers.wrong("of_those_answered")(lambda logits, y, c: (y == c)[logits.argmax(1) == c].float().mean())
answers.wrong("only_counts")(lambda logits, y, c: of_class(logits, y, c)[0])
answers.wrong("share_of_wrong")(lambda logits, y, c: (logits.argmax(1) != y)[y == c].float().mean())
answers.wrong("all_together")(lambda logits, y, c: (logits.argmax(1) == y).sum() / len(y))
answers.wrong("in_per_cent")(lambda logits, y, c: class_by_loop(logits, y, c) * 100)
answers.wrong("verdicts")(lambda logits, y, c: logits[y == c].argmax(1) == c)
answers.unknown("The accuracy of class 1 of 4 is")(lambda logits, y, c: 2 + class_by_loop(logits, y, c))
answers.unknown("The accuracy of class 1 of 3 is")(
    lambda logits, y, c: class_by_loop(logits, y, c) + (logits.shape[1] == 3)
)
answers.unknown("The accuracy of class 1 of 4 is")(
    lambda logits, y, c: (logits[y == c].argmax(1) == y[c]).float().mean()
)
