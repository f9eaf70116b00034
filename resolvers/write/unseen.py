"""What is written and not shown, said with what would show it."""

from auth.visibility import READ, Array, visible_noun, writable_noun
from resolvers.read.binds import Binds
from resolvers.write.work import Work
from schema.base import Entity
from schema.rejection import Written, problem


async def warn(work: Work, noun: Entity | None, written: Written) -> None:
    """Say that the caller may read what it wrote with `restricted:read` alone, if that is so."""
    if noun is None or "visibility" not in noun.fields:
        return
    binds = Binds()
    bind = binds.principal
    keys = binds.value([key.rpartition("_")[2] for key in written.ids], "uuid[]", list)
    keeping = bind(Array("keeping", noun.name, work.scope))
    mine = [writable_noun(noun, "t", bind, work.scope)]
    mine += [f"t.{side}_id = ANY ({keeping})" for side in noun.sides]
    hidden = await work.visible_rows(
        f"SELECT t.id FROM {noun.name} t WHERE t.id = ANY ({keys})"
        f" AND NOT {visible_noun(noun, 't', bind) or 'true'} AND ({' OR '.join(mine)}) LIMIT 1",
        binds,
    )
    if hidden:
        lent = READ in work.principal.scopes
        es = "Está escrito y no se muestra: lo que no es público se lee con `restricted:read`, que "
        en = "It is written and not shown: what is not public is read with `restricted:read`, which"
        es += "no se le delegó." if lent else "su token no tiene."
        en += " was not delegated to you." if lent else " your token lacks."
        work.warnings.append(problem("NOT_SHOWN", (), es, en))
