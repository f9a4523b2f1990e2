"""Wrong use of a command: said in one sentence, exit status 2."""


class WrongUse(Exception):
    pass
