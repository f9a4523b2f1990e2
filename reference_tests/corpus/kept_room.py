"""Lines of code for mutants that keep an array with room for the largest batch so far, or for the first batch."""


def in_room(name: str, what: str, largest: bool = True) -> str:
    """Return lines that put an array into self.`name`, which has room for more. largest: it is made anew for more."""
    too_small = f" or len(room) < len({what})" if largest else ""
    return (
        f"room = getattr(self, '{name}', None)\n"
        f"        if room is None or room.shape[1:] != {what}.shape[1:]{too_small}:\n"
        f"            room = self.{name} = np.empty({what}.shape)\n        room[: len({what})] = {what}\n        "
    )
