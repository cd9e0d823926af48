"""Random secrets that are shown once: links, session keys, tokens. The database keeps their hashes only."""

import secrets
from hashlib import sha256


def make_secret() -> str:
    """Return 256 random bits: too many to guess, so that a fast hash is enough to keep them."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """Return the SHA-256 under which a secret is found again."""
    return sha256(secret.encode()).hexdigest()
