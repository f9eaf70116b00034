"""Events and organizations as JSON-LD in the words of schema.org, which search engines read."""

import re
from typing import Any

from api.named.days import local
from api.named.shape import Shape

_PLAIN = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-\d\d)?)?")
"""A day, a month or a year of EDTF, not a season, and nothing that is uncertain."""
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


def _ends(node: dict[str, Any]) -> tuple[str | None, str | None]:
    """From when to when, in ISO 8601: an instant by the clocks of its place, a day, month or year.

    EDTF writes plain days, months and years as ISO 8601 does, and intervals of them.
    """
    when = node["date"] or {}
    if node.get("startsAt"):
        return _there(node["startsAt"], node), _there(node.get("endsAt"), node)
    ends = (when.get("edtf") or "").split("/")
    if when.get("status") != "EXACT" or not all(map(_PLAIN.fullmatch, ends)):
        return None, None
    return ends[0], ends[-1]


def _there(instant: str | None, node: dict[str, Any]) -> str | None:
    return local(instant, node.get("timezone")).isoformat() if instant else None


def _event(node: dict[str, Any]) -> dict[str, Any]:
    """A day is as exact as it is known; a window such as April/May has no day to begin on."""
    first, last = _ends(node)
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
        "startDate": first,
        "endDate": last,
        "location": {"@type": "Place", "name": place} if place else None,
        "organizer": organizers,
    }
    return {name: value for name, value in thing.items() if value}
