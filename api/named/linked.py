"""Events and organizations as JSON-LD in the words of schema.org, which search engines read."""

from typing import Any

from api.named.days import is_exact
from api.named.shape import Shape

_TYPES = {
    "STATE": "GovernmentOrganization",
    "CIVIL_SOCIETY_ORGANIZATION": "NGO",
}
_MODES = {
    "IN_PERSON": "OfflineEventAttendanceMode",
    "VIRTUAL": "OnlineEventAttendanceMode",
    "HYBRID": "MixedEventAttendanceMode",
}
_NEEDED = {
    "Event": {"id", "title", "status", "date.earliest", "date.latest", "date.status"},
    "Membership": {"party.id", "party.name", "group.id", "group.name"},
    "WorkingGroup": {"id", "name"},
    "Actor": {"id", "name"},
}


def lacking(shape: Shape) -> str:
    """Why a list cannot be linked data; nothing where it can."""
    interfaces = [each.name for each in getattr(shape.type, "interfaces", ())]
    kind = "Actor" if "Actor" in interfaces else shape.type.name
    if kind not in _NEEDED:
        return f"it lists neither {', '.join(_NEEDED)}"
    missing = sorted(path for path in _NEEDED[kind] if not shape.at(path.split(".")))
    return f"it does not select {', '.join(missing)}" if missing else ""


def linked(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    """The records as a graph, each thing once."""
    found: dict[str, dict[str, Any]] = {}
    for node in nodes:
        if "status" in node and "date" in node:
            _add(found, _event(node))
        elif "group" in node and "party" in node:
            _member(found, node)
        else:
            _add(found, _organization(node))
    return {"@context": "https://schema.org", "@graph": list(found.values())}


def _add(found: dict[str, dict[str, Any]], thing: dict[str, Any]) -> None:
    found.setdefault(thing["@id"], {}).update(thing)


def _member(found: dict[str, dict[str, Any]], node: dict[str, Any]) -> None:
    """Whoever cannot be seen is no member of anything here."""
    for each in (node["party"], node["group"]):
        if each:
            _add(found, _organization(each))
    if node["party"] and node["group"]:
        group = found[_id(node["group"])]
        group.setdefault("member", []).append({"@id": _id(node["party"])})


def _id(node: dict[str, Any]) -> str:
    return f"urn:vinculo:{node['id']}"


def _organization(node: dict[str, Any]) -> dict[str, Any]:
    thing = {
        "@type": _TYPES.get(node.get("type", ""), "Organization"),
        "@id": _id(node),
        "name": node["name"],
        "alternateName": node.get("acronym"),
        "description": node.get("description"),
        "url": node.get("website"),
        "parentOrganization": _reference(node.get("parent")),
    }
    return {name: value for name, value in thing.items() if value}


def _reference(node: dict[str, Any] | None) -> dict[str, Any] | None:
    return {"@type": "Organization", "@id": _id(node), "name": node["name"]} if node else None


def _event(node: dict[str, Any]) -> dict[str, Any]:
    """Google asks for a day to begin on: a window has none, and says its period instead."""
    when = node["date"] or {}
    dated = bool(when) and is_exact(when)
    place = ", ".join(filter(None, [node.get("place"), (node.get("country") or {}).get("name")]))
    edges = (node.get("parties") or {}).get("edges", ())
    organizers = [
        {"@type": "Organization", "name": edge["node"]["name"]}
        for edge in edges
        if edge["node"] and edge.get("role") in ("ORGANIZER", "CO_ORGANIZER")
    ]
    state = "EventCancelled" if node["status"] == "CANCELLED" else "EventScheduled"
    mode = _MODES.get(node.get("mode") or "")
    thing = {
        "@type": "Event",
        "@id": _id(node),
        "name": node["title"],
        "description": node.get("description"),
        "eventStatus": f"https://schema.org/{state}",
        "eventAttendanceMode": f"https://schema.org/{mode}" if mode else None,
        "startDate": node.get("startsAt") or (when["earliest"] if dated else None),
        "endDate": node.get("endsAt") or (when["latest"] if dated else None),
        "temporalCoverage": when.get("edtf") if not dated else None,
        "location": {"@type": "Place", "name": place} if place else None,
        "organizer": organizers,
    }
    return {name: value for name, value in thing.items() if value}
