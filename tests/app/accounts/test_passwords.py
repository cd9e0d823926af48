import subprocess
import sys

import pytest

from app.accounts.passwords import MOST_LENGTH, check_strength, hash_password, is_right
from app.platform.errors import Invalid

from .facts import GOOD_PASSWORD

NAME = "Adelheid von Meier"


@pytest.mark.parametrize("word", ["eleven char", "äöü ß€ 日本 x", "x" * (MOST_LENGTH + 1)])
def test_a_password_has_a_least_and_a_greatest_length(word: str) -> None:
    with pytest.raises(Invalid, match="characters"):
        check_strength(word, NAME)


@pytest.mark.parametrize(
    "word",
    [
        "1qaz2wsx3edc",  # common as it is
        "unbelievable",  # a common word
        "P@ssw0rd!P@ssw0rd!",  # a common one twice, in disguise
        "4321drowssap",  # backwards
        "qwertyqwerty12",  # keys beside one another
        "Summer2026!!",
        "01.02.199003.04.1992",
        "aaaaaaaaaaaaaaaa",
        "iloveyou iloveyou",
        "my robot arm",
    ],
)
def test_what_is_guessed_early_is_refused_with_what_to_do(word: str) -> None:
    with pytest.raises(Invalid, match="three or four words that do not belong together"):
        check_strength(word, NAME)


@pytest.mark.parametrize(
    "word",
    [
        "Adelheid1234",
        "adelheid meier 1987!",
        "4d3lh31dM313r",
        "hndphndphndp",
        "Franka-HNDP-2026",
        "franka panda",
    ],
)
def test_the_own_name_and_what_is_expected_here_count_nothing(word: str) -> None:
    with pytest.raises(Invalid):
        check_strength(word, NAME)


@pytest.mark.parametrize(
    "word",
    [
        GOOD_PASSWORD,
        "äöü ß€ – 日本 xyz",
        "correct horse battery",
        "franka correct horse battery",
        "p9$Lw2_xKq7v",
        "kettle yonder maple " * 6,
    ],
)
def test_words_of_any_characters_are_passwords(word: str) -> None:
    check_strength(word, NAME)


def test_short_parts_of_a_name_may_stand_in_other_words() -> None:
    check_strength("vonnegut saw on idea", "An O de")


def test_the_lists_are_loaded_with_the_first_password_rather_than_with_the_studio() -> None:
    script = "import sys, app.accounts.account_routes; sys.exit('zxcvbn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], timeout=60).returncode == 0


def test_a_password_is_kept_as_argon2id_with_a_salt() -> None:
    first, second = hash_password(GOOD_PASSWORD), hash_password(GOOD_PASSWORD)
    assert first.startswith("$argon2id$")
    assert first != second
    assert is_right(GOOD_PASSWORD, first)
    assert not is_right("another password", first)
