"""People and arms that come with an experiment of another server. The caller commits."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.repository import AccountRepository
from app.accounts.service import SIMULATED_OPERATOR, ensure_user
from app.cells.models import ROBOTS, Cell
from app.transfers.archive_layout import Arm, Person, UnusableArchive

_LONGEST_USER: Final = 80
_LONGEST_CELL: Final = 40
_MARK: Final = "imported"


def imported_users(session: Session, people: Mapping[str, Person], experiment: str) -> dict[int, int]:
    """Ids of users here by those of the archive.

    An author comes as a user of their own, marked as imported, as whom nobody signs in: one of the same name
    here may be somebody else. Simulated operators are all alike.
    """
    return {int(old): _user(session, person, experiment).id for old, person in people.items()}


def imported_cells(session: Session, arms: Mapping[str, Arm]) -> dict[int, int]:
    """Ids of cells here by those of the archive: the one of that name and robot, or a new one without a
    process, which takes its row up when it starts.
    """
    return {int(old): _cell(session, arm).id for old, arm in arms.items()}


def _user(session: Session, person: Person, experiment: str) -> User:
    if person.simulated:
        return ensure_user(session, SIMULATED_OPERATOR, "simulated")
    accounts = AccountRepository(session)
    for name in _names(person.name, _LONGEST_USER):
        user = accounts.user_named(name)
        if user is None:
            user = User(name=name, role="viewer", imported_from=experiment)
            accounts.add(user)
        if user.imported_from is not None:
            return user
    raise AssertionError("names never run out")


def _cell(session: Session, arm: Arm) -> Cell:
    if arm.robot not in ROBOTS:
        raise UnusableArchive(f"The archive's cell {arm.name} has a robot {arm.robot!r}, not known here.")
    for name in chain([arm.name[:_LONGEST_CELL]], _names(arm.name, _LONGEST_CELL)):
        cell = session.scalar(select(Cell).where(Cell.name == name))
        if cell is None:
            cell = Cell(name=name, robot=arm.robot)
            session.add(cell)
            session.flush()
        if cell.robot == arm.robot:
            return cell
    raise AssertionError("names never run out")


def _names(name: str, longest: int) -> Iterator[str]:
    """The name with a mark, then with a number, too."""
    number = 1
    while True:
        mark = f" ({_MARK})" if number == 1 else f" ({_MARK} {number})"
        yield name[: longest - len(mark)] + mark
        number += 1
