import torch

from course_utils.experiment import Experiment
from tests.lessons.exercise_answers import Answers

answers = Answers()


good = Experiment(data="digits", hidden=(128,), activation="relu", optimizer="Adam", lr=0.01, epochs=3, valid=287)
answers.right(good.but(batch_size=16, activation="gelu", lr=0.005))
answers.right(good.but(batch_size=32, valid=0.2, seed=7))
answers.wrong("patient")(good.but(epochs=4))
answers.wrong("holds_nothing_out")(good.but(valid=0))
answers.wrong("on_mnist")(good.but(data="mnist"))
answers.wrong("starves")(good.but(activation="sigmoid", optimizer="SGD"))
answers.wrong("starves")(good.but(lr=100.0))
answers.unknown("and 0.05 or less is the goal.")(good.but(optimizer="SGD", lr=0.1))
answers.unknown("and 0.05 or less is the goal.")(good.but(lr=0.0005, epochs=1))
answers.unknown("The number of images held out is 144, and 287 is right.")(good.but(valid=0.1))
answers.unknown("What you hand over, by its class, is 'str', and 'Experiment' is right.")("Adam")
answers.unknown("Its data is 'data of your own', and 'digits' is right.")(
    good.but(data=(torch.utils.data.TensorDataset(torch.zeros(2, 3), torch.zeros(2)),) * 2)
)
