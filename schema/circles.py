"""Links from a noun to the noun itself never lead back to where they began: no body is part of what
is part of it, nothing waits for what waits for it.
"""

from dataclasses import dataclass

from schema.base import Entity, One, Through, entities, links


@dataclass(frozen=True)
class Chain:
    """A link that can be followed from record to record of one noun.

    Args:
        field: the noun's field that says it.
        table: where it is kept; `near` and `far` are the columns of its two ends.
    """

    noun: Entity
    field: str
    table: str
    near: str
    far: str

    @property
    def constraint(self) -> str:
        """What a circle breaks: the rule that a record is not linked to itself, where declared."""
        rules = [c for c in self.noun.constraints if str(getattr(c, "sqltext", "")) == self._itself]
        said = str(rules[0].name) if rules else self.field
        start = f"{self.noun.name}_"
        return said if said.startswith(start) else f"{start}{said}_check"

    @property
    def _itself(self) -> str:
        return f"{self.far} <> id"

    def statements(self) -> list[str]:
        """SQL: the function and the trigger that refuse circles.

        Who changes such a link waits for the others who do, so that two do not close a circle
        together. Nothing leads to a new record yet, so only links in tables of their own wait then.
        """
        name = f"{self.noun.name}_{self.field}_circle"
        lock = (
            f"PERFORM pg_advisory_xact_lock(hashtextextended('{self.noun.name} {self.field}', 0))"
        )
        own = self.table == self.noun.name
        waits = f"IF TG_OP = 'UPDATE' THEN {lock}; END IF" if own else lock
        return [
            f"""CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        {waits};
        IF EXISTS (
            WITH RECURSIVE above (id) AS (
                SELECT NEW.{self.far}
                UNION SELECT t.{self.far} FROM above a JOIN {self.table} t ON t.{self.near} = a.id)
            SELECT FROM above a WHERE a.id = NEW.{self.near}
        ) THEN
            RAISE 'It would lead back to itself; choose another.'
                USING ERRCODE = 'check_violation', TABLE = '{self.noun.name}',
                    CONSTRAINT = '{self.constraint}';
        END IF;
        RETURN NULL;
    END $$""",
            f"CREATE TRIGGER {name} AFTER INSERT OR UPDATE OF {self.far} ON {self.table}"
            f" FOR EACH ROW WHEN (NEW.{self.far} IS NOT NULL) EXECUTE FUNCTION {name}()",
        ]


def chains() -> list[Chain]:
    """All of them, as the nouns are declared."""
    found: list[Chain] = []
    for noun in entities.values():
        for spec in noun.specs().values():
            match spec:
                case One() if spec.hint == noun.type_name and not spec.mutual:
                    found.append(Chain(noun, spec.name, noun.name, "id", spec.column))
                case Through() if spec.near:
                    near, far = links[spec.link].ends()
                    if near.name == spec.near and near.hint == far.hint:
                        found.append(Chain(noun, spec.name, spec.link, near.column, far.column))
                case _:
                    pass
    return found
