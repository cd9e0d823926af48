"""What people call the browser that a User-Agent header describes."""

from typing import Final

# The first that occurs counts: a browser names those before it, too, to be served like them.
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("iPad", "iPad"),
    ("iPhone", "iPhone"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def browser_name(agent: str) -> str:
    """Return such as "Firefox on Linux"; of a program what it calls itself."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), None)
    if browser is None:
        return agent.split(" ")[0][:40] or "Unnamed"
    system = next((name for mark, name in _SYSTEMS if mark in agent), None)
    return f"{browser} on {system}" if system is not None else browser
