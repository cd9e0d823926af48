import pytest

from app.accounts.browser_name import browser_name

LIKE_CHROME = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 {}Safari/537.36{}"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (LIKE_CHROME.format("X11; Linux x86_64", "", ""), "Chrome on Linux"),
        (LIKE_CHROME.format("Windows NT 10.0; Win64; x64", "", " Edg/140.0"), "Edge on Windows"),
        (LIKE_CHROME.format("Linux; Android 15", "Mobile ", ""), "Chrome on Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPad"),
        ("python-httpx/0.28.1", "python-httpx/0.28.1"),
        ("", "Unnamed"),
    ],
)
def test_browsers_are_called_as_people_call_them(agent: str, name: str) -> None:
    assert browser_name(agent) == name
