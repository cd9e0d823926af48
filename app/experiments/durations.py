"""Times as people say them."""


def spoken(seconds: float) -> str:
    """A duration in its two largest units: "8 s", "3 min 20 s", "2 h 5 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 10:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def spoken_roughly(seconds: float) -> str:
    """A forecast, no finer than it is certain: to 5 s below a minute, to 10 s below ten."""
    grain = 5 if seconds < 60 else 10 if seconds < 600 else 60
    return spoken(max(grain, grain * round(seconds / grain)))
