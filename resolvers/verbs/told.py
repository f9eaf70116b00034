"""Letters that tell the other side: to the mailbox of an office, with nothing that is not public.

What was said, and why, is read through the API by those who may.
"""

from uuid import UUID

from resolvers.write.outside import Letter
from resolvers.write.work import Work

_BECAME = {
    "REQUESTED": ("«{party}» pide ingresar a «{group}».", "“{party}” asks to join “{group}”."),
    "INVITED": ("«{group}» invita a «{party}» a ingresar.", "“{group}” invites “{party}” to join."),
    "ACTIVE": ("«{party}» es miembro de «{group}».", "“{party}” is a member of “{group}”."),
    "DECLINED": (
        "«{party}» no ingresa a «{group}»: una de las dos partes dijo que no.",
        "“{party}” does not join “{group}”: one side said no.",
    ),
    "WITHDRAWN": (
        "«{party}» no ingresa a «{group}»: la solicitud o la invitación fue retirada.",
        "“{party}” does not join “{group}”: the request or the invitation was withdrawn.",
    ),
    "ENDED": (
        "La membresía de «{party}» en «{group}» termina.",
        "The membership of “{party}” in “{group}” ends.",
    ),
}
_READ = (
    "Vea la membresía y sus notas con la aplicación que usa para Vínculo.",
    "See the membership and its notes with the application that you use for Vínculo.",
)
_NAMED = """
SELECT coalesce(name_es, name_en), coalesce(name_en, name_es), mailbox FROM actor WHERE id = $1
UNION ALL
SELECT coalesce(name_es, name_en), coalesce(name_en, name_es), mailbox FROM working_group
WHERE id = $1
"""


async def named(work: Work, key: str | UUID) -> tuple[str, str, str | None]:
    """A party's names in both languages, each on one line, and its mailbox."""
    [[es, en, mailbox]] = await work.rows(_NAMED, UUID(str(key)))
    return " ".join(es.split()), " ".join(en.split()), mailbox


async def tell(work: Work, to: str | UUID, status: str, group: str, party: str) -> None:
    """Write to the office of one side what became of a membership, if it has a mailbox."""
    groups, parties = await named(work, group), await named(work, party)
    mailbox = groups[2] if str(to) == str(group) else parties[2]
    if mailbox:
        es, en = (
            _BECAME[status][n].format(group=groups[n], party=parties[n]) for n in (0, 1)
        )  # fmt: skip
        text = f"{es}\n{_READ[0]}\n\n\n{en}\n{_READ[1]}\n"
        work.letters.append(Letter(mailbox, "Vínculo: membresía / membership", text))
