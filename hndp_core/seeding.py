"""Seeds derived from one seed by names, so that each part of a run draws from a stream of its own."""

from hashlib import blake2b


def seed_for(seed: int, *names: str | int) -> int:
    """Return a 63-bit seed that depends on `seed` and on every name, and on nothing else.

    Used for all randomness of a run: a part that is skipped, repeated or run elsewhere
    does not change what another part draws.
    """
    text = "/".join([str(seed), *(str(name) for name in names)])
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1
