"""Answers to http-01 in the database, where every process of the node can give them.

Encrypted, though nothing in them is secret: only who has the key can have written one. Whoever
else can write the database could prove that names which lead to this node were theirs.
"""

from base64 import b64decode, b64encode
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from certwright.authorities.acme.challenges import Challenge, is_token
from certwright.database.encryption import KeyEncryptionKey
from certwright.database.tables import challenge_answers
from certwright.errors import CertwrightError

_KEPT = timedelta(days=30)
"""What is never withdrawn, since its order was forgotten, goes with a later one."""


def keep_answer(
    connection: Connection, key: KeyEncryptionKey, challenge: Challenge, now: datetime
) -> None:
    """Let the answer be found from now on."""
    encrypted = key.encrypt(challenge.key_authorization.encode("ascii"), _context(challenge.token))
    answer = b64encode(encrypted).decode("ascii")
    connection.execute(
        delete(challenge_answers).where(challenge_answers.c.created_at < now - _KEPT)
    )
    connection.execute(
        insert(challenge_answers)
        .values(token=challenge.token, key_authorization=answer, created_at=now)
        .on_conflict_do_update(
            index_elements=[challenge_answers.c.token],
            set_={"key_authorization": answer, "created_at": now},
        )
    )


def forget_answer(connection: Connection, challenge: Challenge) -> None:
    """Let it be found no more; nothing happens if it is not there."""
    connection.execute(
        delete(challenge_answers).where(challenge_answers.c.token == challenge.token)
    )


def find_answer(connection: Connection, key: KeyEncryptionKey, token: str) -> str | None:
    """The key authorization for what may be a token, or None."""
    if not is_token(token):
        return None
    answer: str | None = connection.execute(
        select(challenge_answers.c.key_authorization).where(challenge_answers.c.token == token)
    ).scalar_one_or_none()
    if answer is None:
        return None
    try:
        return key.decrypt(b64decode(answer, validate=True), _context(token)).decode("ascii")
    except (ValueError, CertwrightError):  # none of ours
        return None


def _context(token: str) -> str:
    return f"answer to the token {token}"
