"""Idempotency: what was sent under a key before is answered, not done again.

The key's row is written first and committed with the write itself: a second sender waits for the
first, and a server that dies in between leaves either both or nothing.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from resolvers.write.work import Given, Work
from schema.language import Language
from schema.rejection import Outcome, Problem, Rejected, Written, problem
from schema.rows import plain

_LONGEST = 100
STRANGER = UUID(int=0)


@dataclass(frozen=True)
class Replay:
    """What is known of a key; `done` is the first outcome, where there was one."""

    key: str | None
    done: Written | None = None

    @classmethod
    async def find(cls, work: Work, name: str, given: Given) -> "Replay":
        """Take the key of an input for this write, or find what it was used for.

        Raises:
            Rejected: `IDEMPOTENCY_MISMATCH` where that was something else.
        """
        key = given.get("idempotencyKey")
        if key is not None:
            _check(key)
        if key is None or given.get("dryRun"):
            return cls(None)
        digest = _digest(name, given)
        if work.principal.client is None:
            key = hashlib.sha256(key.encode() + digest).hexdigest()
        who = _who(work)
        taken = await work.rows(
            "INSERT INTO idempotency (client_id, party_id, key, digest) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT DO NOTHING RETURNING key",
            *who, key, digest,
        )  # fmt: skip
        if taken:
            return cls(key)
        [[before, outcome, ids, several, changes, warnings]] = await work.rows(
            "SELECT digest, outcome, ids, outcomes, changes, warnings FROM idempotency"
            " WHERE (client_id, party_id, key) = ($1, $2, $3)",
            *who, key,
        )  # fmt: skip
        if before != digest:
            raise Rejected(_mismatch())
        each = [Outcome[o] for o in several]
        written = Written(Outcome[outcome], list(ids), outcomes=each, changes=list(changes))
        written.warnings += [_warning(said) for said in warnings]
        return cls(key, written)

    async def keep(self, work: Work, written: Written) -> None:
        """Keep the outcome under the key, and what changed, in the transaction of the write.

        Warnings, too: who lost the answer has not read them.
        """
        if self.key is not None:
            await work.rows(
                "UPDATE idempotency SET outcome = $4, ids = $5, outcomes = $6, changes = ARRAY("
                "SELECT id FROM change WHERE transaction = pg_current_xact_id()::text::bigint"
                " AND sequence IS NULL ORDER BY id), warnings = $7::text::jsonb"
                " WHERE (client_id, party_id, key) = ($1, $2, $3)",
                *_who(work), self.key,
                written.outcome.name, written.ids, [o.name for o in written.outcomes],
                json.dumps([_said(w) for w in written.warnings]),
            )  # fmt: skip


def _said(warning: Problem) -> dict[str, Any]:
    message, help_ = (
        sentence and {language.name: text for language, text in sentence.items()}
        for sentence in (warning.message, warning.help)
    )
    return {"code": warning.code, "path": warning.path, "message": message, "help": help_}


def _warning(said: dict[str, Any]) -> Problem:
    message, help_ = (
        sentence and {Language[name]: text for name, text in sentence.items()}
        for sentence in (said["message"], said["help"])
    )
    return Problem(said["code"], tuple(said["path"]), message, help_)


def _who(work: Work) -> tuple[UUID, UUID]:
    """Whose key it is. Strangers cannot be told apart: theirs count with what they send alone, so
    that nobody meets another's."""
    return work.principal.client or STRANGER, work.principal.party or STRANGER


def _digest(name: str, given: Given) -> bytes:
    body = {k: v for k, v in given.items() if k != "idempotencyKey"}
    text = json.dumps([name, body], sort_keys=True, default=plain)
    return hashlib.sha256(text.encode()).digest()


def _check(key: Any) -> None:
    if not 0 < len(key) <= _LONGEST:
        raise Rejected(
            problem(
                "INVALID",
                ("idempotencyKey",),
                f"Una clave tiene de 1 a {_LONGEST} caracteres.",
                f"A key has 1 to {_LONGEST} characters.",
            )
        )


def _mismatch() -> Any:
    return problem(
        "IDEMPOTENCY_MISMATCH",
        ("idempotencyKey",),
        "Esa clave ya se usó para otra cosa; use una nueva para cada escritura.",
        "That key was used for something else; use a new one for each thing you do.",
    )
