"""Write down what somebody did, in the transaction of the act: neither is kept without the other."""

from typing import Final

from sqlalchemy.orm import Session

from app.accounts.current_user import SignedIn
from app.accounts.models import User
from app.audit.models import AuditEvent

ACTS: Final = {
    "signed_in": "Signed in",
    "sign_in_failed": "Sign-in failed",
    "signed_out": "Signed out",
    "signed_out_everywhere": "Signed out everywhere",
    "user_added": "Added a user",
    "user_renamed": "Renamed",
    "role_changed": "Changed a role",
    "deactivated": "Deactivated a user",
    "reactivated": "Reactivated a user",
    "link_issued": "Issued a sign-in link",
    "password_set": "Set a password",
    "password_removed": "Removed a password",
    "provider_linked": "Linked a provider's account",
    "token_made": "Made a token",
    "token_revoked": "Revoked a token",
    "labelled": "Labelled",
    "took_over": "Took over an arm",
    "revealed": "Revealed names",
    "binned": "Put into the bin",
    "restored": "Took out of the bin",
    "deleted": "Deleted for good",
    "imported": "Imported",
    "exported": "Exported",
    "backed_up": "Backed up",
    "settings_changed": "Changed settings",
}
"""What can be written down, with its title; a feature that does something else adds it here."""


def audit(
    session: Session, user: User | SignedIn | None, act: str, about: str = "", *, address: str = ""
) -> None:
    """Add an entry to the audit log; it is kept if the caller commits.

    Args:
        session: the transaction of the act itself
        user: who acts; None where nobody is signed in
        act: a key of `ACTS`
        about: what it was done to, in words that can be searched, such as "trial 7: success (label event 12)"
        address: network address of who acts, where it matters

    Raises:
        ValueError: `act` is not in `ACTS`.
    """
    if act not in ACTS:
        raise ValueError(f"There is no act {act!r} in the audit log. Available: {', '.join(ACTS)}.")
    session.add(
        AuditEvent(
            act=act, user_id=user.id if user is not None else None, about=about[:300], address=address[:64]
        )
    )
