"""How a target offers batch normalization, in code."""

import re
from dataclasses import dataclass, field

RUNNING = r"(running|moving|global|population|pop|avg|average|ema|r|test|inference|exp|total|mov|run)"
PLACES = {  # what the contract has -> what it is called elsewhere
    "running_mean": re.compile(rf"{RUNNING}(mean|m|mu|means|avg)|(mean|mu){RUNNING}s?"),
    "running_var": re.compile(rf"(?!rstd){RUNNING}(vars?|v|variance|sigma2?|std)|(var|variance|std){RUNNING}s?"),
    "gamma": re.compile(r"gammas?|weights?|scale|g|bw|w"),
    "beta": re.compile(r"betas?|bias(es)?|shift|offset|b|bb"),
}
AT_FIRST = {  # running statistics that are there before the first batch, under names that a batch's have elsewhere
    "running_mean": re.compile(r"means?|mu|avg"),
    "running_var": re.compile(r"vars?|variance|sigma2|sigmasq|sigmasquared"),
}


def last_word(where: str) -> str:
    """Return the last name of a place, in small letters: gamma of layer.params['gamma'].data."""
    words = re.findall(r"\w+", re.sub(r"\.(data|value)$", "", where))
    return words[-1].replace("_", "").lower() if words else ""


@dataclass
class NormReading:
    """How a target offers batch normalization.

    Codes use layer (the target's object) or param (its dict), x_, C_, gamma_, beta_, momentum_, eps_, mean_, var_ (the
    running statistics), train_, got, cache and dout_.
    """

    make: str = ""
    prepare: list[str] = field(default_factory=list)
    forward: str = ""
    of_images: str = ""  # another function for images
    config: str = ""  # of a dict that a function is given
    switch: str = ""  # the statement that sets the mode
    inference: bool = False  # it can be told that it is inference
    result: str = "got"
    cache: str = ""
    places: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, str] = field(default_factory=dict)
    in_place: bool = False  # a function changes the running statistics that it is given
    moves_given: tuple[str, ...] = ()  # the statistics of which an object moves the array that it was given
    lazy: bool = False
    starts_itself: bool = False  # its constructor may be given no running statistics
    rows: bool = True  # it takes rows
    images: str = ""  # the layout of the images that it takes; "" if none
    own_eps: str = ""  # the object's attribute, where the constructor has no argument for it
    own_momentum: str = ""
    fixed_eps: float | None = None  # where it cannot be chosen
    fixed_momentum: float | None = None
    usual: float | None = None  # momentum's default, which tells of what it is the share
    old_share: bool = False  # momentum is the share of the old
    biased: bool = False  # the running variance is divided by n
    backward: str = ""
    backward_of_images: str = ""
    back_axes: int = 0  # how many axes an upstream gradient must have, where rows or images have no backward pass
    grads: dict[str, str] = field(default_factory=dict)
    grown: list[str] = field(default_factory=list)  # gradients that are there before backward, and may add up
    unset: list[str] = field(default_factory=list)  # gradients that are None before backward, and may add up
    kept: dict[str, str] = field(default_factory=dict)  # parameters that backward changes: name -> code

    @property
    def bare(self) -> bool:
        """Whether it normalizes only: it neither has a scale and a shift nor is given any."""
        asked = f"{self.make} {self.forward} {self.config}"
        return not {"gamma", "beta"} & set(self.places) and "gamma_" not in asked and "beta_" not in asked

    @property
    def own_start(self) -> bool:
        """Whether the running mean that its object starts with can be left to it, where nothing of that stays."""
        return bool(self.make) and self.places.get("running_mean", "").startswith("layer") and not self.fixed_momentum

    @property
    def statistics(self) -> bool:
        """Whether its running statistics are known."""
        return {"running_mean", "running_var"} <= set(self.places)
