"""Password hashes and login tokens. No I/O, and no word about HTTP."""

from __future__ import annotations

import hashlib
import hmac
import secrets

__all__ = ("digest_token", "hash_password", "is_password", "new_token")


def hash_password(password: str, *, cost: int) -> str:
    """Return `cost$salt$hash`. Slow by intention: call it in a thread.

    Args:
        password: as typed.
        cost: scrypt's `n`, a power of two; time and memory grow with it.
    """
    salt = secrets.token_bytes(16)
    return f"{cost}${salt.hex()}${_scrypt(password, salt, cost)}"


def is_password(password: str, password_hash: str) -> bool:
    """Tell whether this password has that hash. As slow as `hash_password`."""
    cost, salt, expected = password_hash.split("$")
    return hmac.compare_digest(_scrypt(password, bytes.fromhex(salt), int(cost)), expected)


def new_token() -> str:
    """Return a token nobody can guess, fit for a cookie."""
    return secrets.token_urlsafe(32)


def digest_token(token: str) -> str:
    """Return the form of a token that is safe to store."""
    return hashlib.sha256(token.encode()).hexdigest()


def _scrypt(password: str, salt: bytes, cost: int) -> str:
    return hashlib.scrypt(password.encode(), salt=salt, n=cost, r=8, p=1).hex()
