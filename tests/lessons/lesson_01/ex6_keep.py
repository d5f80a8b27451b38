from tests.lessons.exercise_answers import Answers

answers = Answers()

answers.right(0.84)
answers.wrong("keeps_all")(1)
answers.wrong("keeps_nothing")(0)
answers.unknown(
    "The distance from the bottom after 100 steps with `keep` 0.5 is 0.7788, and 0.01 or less is the goal."
)(0.5)
answers.unknown("`keep` is 'much', and 'a number' is right.")("much")
