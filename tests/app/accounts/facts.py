"""What tests of accounts look at and set."""

from fastapi.testclient import TestClient

from app.accounts.models import Password, User
from app.accounts.passwords import hash_password
from app.platform.database import Database
from app.platform.model import now

GOOD_PASSWORD = "four words make one"


def is_signed_in(browser: TestClient) -> bool:
    return browser.get("/account").status_code == 200


def set_password_of(database: Database, user: User, password: str) -> None:
    with database.transaction() as session:
        session.add(Password(user_id=user.id, hash=hash_password(password), set_at=now()))
