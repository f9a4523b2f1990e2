"""golden/: fixed numbers with a source. It answers only the questions that stand there, letter by letter."""

ANSWERS: dict = {}
