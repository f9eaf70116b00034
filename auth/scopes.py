"""Scopes: the kinds of action that a token can open. Public reads need none.

A scope never says on which rows; ownership does. The two sentences are what people read where they
consent, and what partners read in the guide.
"""

from collections.abc import Iterable
from enum import Enum

from schema.language import Language


class Scope(Enum):
    """Named by what it opens; the values are the sentences in English and in Spanish."""

    ACTORS_WRITE = (
        "actors:write",
        "Change the profiles of the actors you keep.",
        "Cambiar las fichas de los actores a su cargo.",
    )
    GROUPS_WRITE = (
        "groups:write",
        "Change the groups you keep, with their posts and elections.",
        "Cambiar los grupos a su cargo, con sus cargos y elecciones.",
    )
    MEMBERSHIPS_WRITE = (
        "memberships:write",
        "Ask for memberships of groups, and decide on those of yours.",
        "Pedir membresías en grupos y decidir sobre las de los suyos.",
    )
    PLANS_WRITE = (
        "plans:write",
        "Change plans and report their progress.",
        "Cambiar planes e informar de sus avances.",
    )
    EVENTS_WRITE = (
        "events:write",
        "Announce events and change them.",
        "Anunciar eventos y cambiarlos.",
    )
    PLEDGES_WRITE = (
        "pledges:write",
        "Announce pledges and report contributions.",
        "Anunciar compromisos e informar de contribuciones.",
    )
    PRACTICES_WRITE = (
        "practices:write",
        "Publish practices and services.",
        "Publicar prácticas y servicios.",
    )
    RECOMMENDATIONS_WRITE = (
        "recommendations:write",
        "Publish recommendations and answer them.",
        "Publicar recomendaciones y responderlas.",
    )
    DOCUMENTS_WRITE = (
        "documents:write",
        "Publish documents and cite them.",
        "Publicar documentos y citarlos.",
    )
    RESTRICTED_READ = (
        "restricted:read",
        "See your drafts, and what your groups keep for their members.",
        "Ver sus borradores y lo que sus grupos reservan a sus miembros.",
    )
    CONTACTS_READ = (
        "contacts:read",
        "See how to reach the people of your groups.",
        "Ver cómo contactar a las personas de sus grupos.",
    )
    WEBHOOKS_MANAGE = (
        "webhooks:manage",
        "Have changes sent to addresses of yours.",
        "Hacer que los cambios se envíen a direcciones suyas.",
    )
    CLIENTS_MANAGE = (
        "clients:manage",
        "Register applications for your organization, and let others keep its records.",
        "Registrar aplicaciones de su organización y dejar que otros lleven sus registros.",
    )
    REGISTRY_WRITE = (
        "registry:write",
        "Change the reference data that all share.",
        "Cambiar los datos de referencia que todos comparten.",
    )
    GOVERNANCE_OVERRIDE = (
        "governance:override",
        "Correct what the rules of the groups would refuse; every use is recorded.",
        "Corregir lo que las reglas de los grupos impedirían; cada uso queda registrado.",
    )

    def __init__(self, scope: str, english: str, spanish: str) -> None:
        self.scope = scope
        self._sentences = {Language.EN: english, Language.ES: spanish}

    def sentence(self, language: Language) -> str:
        """What it allows, for the person who is asked to consent."""
        return self._sentences[language]


SCOPES = {each.scope: each for each in Scope}
"""Every scope by the name that tokens carry."""


def unknown(scopes: Iterable[str]) -> tuple[str, str] | None:
    """What is said in Spanish and in English of one that does not exist; nothing if all do."""
    for name in sorted(set(scopes) - SCOPES.keys()):
        exist = ", ".join(SCOPES)
        return (
            f"No existe el permiso `{name}`; existen {exist}.",
            f"There is no scope `{name}`; there are {exist}.",
        )
    return None


def ordered(scopes: Iterable[str]) -> list[str]:
    """Those of the scopes that exist, in the order declared, each once."""
    held = set(scopes)
    return [name for name in SCOPES if name in held]
