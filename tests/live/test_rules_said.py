"""Rules that the database keeps, said of the input fields that they speak of."""

import asyncio
import re
from typing import Any

import pytest

from api.cluster import Cluster
from auth.principal import ANONYMOUS, Principal
from schema.errors import Forbidden, Unauthenticated
from schema.language import Language
from seeds.records import id_of
from tests.conftest import clone
from tests.writing import acting, write

UNFIT = acting(id_of("actor", "unhcr"), "events:write")
ERRORS = "errors { code message path }"
FOUND = f"""mutation {{
    a: createPlan(input: {{slug: "a-plan", content: FULL, title: {{es: "A"}}}}) {{
        {ERRORS} }}
    b: createPlan(input: {{slug: "b-plan", content: FULL, title: {{es: "B"}}}}) {{
        {ERRORS} }}
    group: createWorkingGroup(input: {{slug: "c-group", kind: MESA, name: {{es: "C"}}}}) {{
        {ERRORS} }}
    item: createPlanItem(input: {{plan: {{slug: "a-plan"}}, position: 1, kind: OBJECTIVE,
        title: {{es: "C"}}}}) {{ {ERRORS} planItem {{ id }} }}
}}"""


@pytest.fixture(scope="module")
def database(cluster: Cluster, template: str) -> str:
    """One database for all tests here, of which none changes it."""
    return clone(cluster, template)


@pytest.fixture(scope="module")
def item(database: str) -> str:
    """An item of the plan `a-plan`."""
    data = asyncio.run(write(database, FOUND))["data"]
    assert [payload["errors"] for payload in data.values()] == [[], [], [], []]
    return data["item"]["planItem"]["id"]


@pytest.mark.parametrize(
    ("verb", "given", "path", "message"),
    [
        (
            "createPlanItem",
            'plan: {slug: "b-plan"}, parent: {id: ITEM}, position: 1, kind: OBJECTIVE,'
            ' title: {es: "x"}',
            "parent",
            "An item and its `parent` are of one plan; the one given is of another.",
        ),
        (
            "updatePlanItem",
            "planItem: {id: ITEM}, parent: {id: ITEM}",
            "parent",
            "An item hangs neither below itself nor below what hangs below it; choose another "
            "`parent`.",
        ),
        (
            "updatePlanItem",
            "planItem: {id: ITEM}, position: 0",
            "position",
            "`position` goes from 1 to 9999.",
        ),
        (
            "announcePledge",
            'title: {es: "x"}, kind: INDIVIDUAL, amount: "-5", currency: "USD"',
            "amount",
            "`amount` has to be greater than zero.",
        ),
        (
            "announcePledge",
            'title: {es: "x"}, kind: INDIVIDUAL, due: {edtf: "2023/2020"}',
            "due.edtf",
            "'2023/2020' ends before it begins; write what comes first before the rest.",
        ),
        (
            "createPost",
            'slug: "d-post", group: {slug: "c-group"}, kind: SECRETARY, title: {es: "x"},'
            " termMonths: -3",
            "termMonths",
            "`termMonths` has to be greater than zero.",
        ),
        (
            "createPerson",
            'name: "Ana"',
            "",
            "A person is public only with their consent: say in `consentedOn` on which day they "
            "gave it, or give `visibility: MEMBERS`.",
        ),
        (
            "createPerson",
            'name: "Ana", consentedOn: "2999-01-01"',
            "consentedOn",
            "Consent is given before it is recorded; that day is still to come.",
        ),
        (
            "upsertEvents",
            'events: [{identifier: {scheme: "x", value: "y"}, title: {es: "x"}, kind: MEETING,'
            ' endsAt: "2026-01-01T00:00:00Z"}]',
            "",
            "`endsAt` needs a `startsAt`.",
        ),
    ],
)
async def test_a_rule_is_said_of_its_fields(
    database: str, item: str, verb: str, given: str, path: str, message: str
):
    """Of what can be written, and by no name of the database's own."""
    given = given.replace("ITEM", f'"{item}"')
    answer = await write(database, f"mutation {{ {verb}(input: {{{given}}}) {{ {ERRORS} }} }}")
    assert answer["data"][verb]["errors"] == [
        {"code": "INVALID", "message": message, "path": ["input", *filter(None, path.split("."))]}
    ]


async def test_a_rule_is_said_in_spanish(database: str):
    """As in English."""
    given: dict[str, Any] = {"title": {"es": "x"}, "kind": "INDIVIDUAL", "amount": "0.00"}
    query = f"""mutation ($input: AnnouncePledgeInput!) {{ announcePledge(input: $input) {{
        {ERRORS} }} }}"""
    given |= {"currency": "USD"}
    answer = await write(database, query, {"input": given}, language=Language.ES)
    [error] = answer["data"]["announcePledge"]["errors"]
    assert error["message"] == "`amount` tiene que ser mayor que cero."


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        (ANONYMOUS, "Esta operación necesita un token de acceso, y vino sin él."),
        (UNFIT, "Esta operación necesita permisos que usted no tiene: `pledges:write` para"),
    ],
)
async def test_missing_scopes_are_said_in_spanish(database: str, who: Principal, sentence: str):
    """Before anything is written."""
    query = 'mutation { announcePledge(input: {title: {es: "x"}, kind: INDIVIDUAL}) { outcome } }'
    with pytest.raises((Unauthenticated, Forbidden), match=re.escape(sentence)):
        await write(database, query, principal=who, language=Language.ES)
