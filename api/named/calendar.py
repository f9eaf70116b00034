"""Events as iCalendar (RFC 5545), to subscribe to.

Days that are known become events of whole days, instants events in the zone of their place. A
window such as April/May is a tentative event as long as the window, which leaves one's time free.
What has no date at all cannot stand in a calendar; the other formats show it.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Timezone, vText
from icalendar import Event as Entry

from api.named.days import in_words, is_exact, local, span
from api.named.shape import Shape
from api.named.wording import word
from schema.language import Language

_NEEDED = {
    "Event": {
        "id", "version", "updatedAt", "title", "status", "date.earliest", "date.latest",
        "date.edtf", "date.status",
    },
    "EventSeries": {
        "id", "version", "updatedAt", "title", "nextOccurrences.edtf",
        "nextOccurrences.earliest", "nextOccurrences.latest",
    },
}  # fmt: skip
_ZONE = "America/Panama"
"""A zone of the region, with one rule for all the year."""
_TEXT = {
    Language.ES: ("Fecha según la fuente: {}.", "En algún momento: {}."),
    Language.EN: ("Date as the source has it: {}.", "At some time in: {}."),
}


def lacking(shape: Shape) -> str:
    """Why a list cannot be a calendar; nothing where it can."""
    needed = _NEEDED.get(shape.type.name)
    if needed is None:
        return "it lists neither Event nor EventSeries"
    missing = sorted(path for path in needed if not shape.at(path.split(".")))
    return f"it does not select {', '.join(missing)}" if missing else ""


def calendar(
    name: str, text: str, nodes: Iterable[dict[str, Any]], language: Language, address: str
) -> bytes:
    """A calendar of events, or of the windows in which those of series are to take place."""
    made = Calendar()
    made.add("prodid", f"-//Vinculo//API//{language.suffix.upper()}")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    for key, value in (("name", name), ("description", text)):
        for line in (key, {"name": "x-wr-calname"}.get(key, "x-wr-caldesc")):
            made.add(line, vText(clean(value)))  # whose line ends the library escapes
    made.add("source", address)
    made.add("refresh-interval", timedelta(hours=12), {"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT12H")
    for node in nodes:
        for entry in _entries(node, language):
            made.add_component(entry)
    made.add_missing_timezones()
    if not made.subcomponents:
        made.add_component(_zone_alone())
    return made.to_ical()


def _zone_alone() -> Timezone:
    """What a calendar without events holds: it has to hold something (RFC 5545, 3.6).

    A zone shows nothing, and all that read calendars read zones; an entry that says that there is
    none would stand in people's calendars.
    """
    return Timezone.from_tzinfo(ZoneInfo(_ZONE), _ZONE)


def clean(text: str) -> str:
    """The text without what would control a reader; lines end alike."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        sign if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Zl", "Zp") else " "
        for sign in text
    )


def _entries(node: dict[str, Any], language: Language) -> Iterator[Entry]:
    if "nextOccurrences" in node:
        for window in node["nextOccurrences"]:
            entry = _entry(node, f"{node['id']}/{window['edtf']}", "TENTATIVE", language)
            _describe(entry, node, language, [_sometime(window, language)])
            yield _whole_days(entry, window, free=True)
        return
    when = node["date"]
    exact = when is not None and is_exact(when)
    if node.get("startsAt"):
        entry = _entry(node, node["id"], node["status"], language)
        _describe(entry, node, language, [])
        yield _timed(entry, node)
    elif when is not None and when["earliest"] and when["latest"]:
        status = node["status"] if exact or node["status"] == "CANCELLED" else "TENTATIVE"
        entry = _entry(node, node["id"], status, language)
        _describe(entry, node, language, [] if exact else _vaguely(when, language))
        yield _whole_days(entry, when, free=not exact)


def _vaguely(when: dict[str, Any], language: Language) -> list[str]:
    said = in_words(when, language, lambda enum, value: word(language, enum, value))
    words = _TEXT[language][0].format(when["text"]) if when.get("text") else ""
    return [_TEXT[language][1].format(said), *filter(None, [words])]


def _sometime(window: dict[str, Any], language: Language) -> str:
    return _TEXT[language][1].format(span(window["earliest"], window["latest"], language))


def _entry(node: dict[str, Any], uid: str, status: str, language: Language) -> Entry:
    entry = Entry()
    changed = datetime.fromisoformat(node["updatedAt"]).astimezone(UTC)
    entry.add("uid", uid)
    entry.add("dtstamp", changed)  # of the record, so that what did not change reads the same
    entry.add("last-modified", changed)
    if node.get("createdAt"):
        entry.add("created", datetime.fromisoformat(node["createdAt"]).astimezone(UTC))
    entry.add("sequence", node["version"] - 1)
    entry.add("status", status)
    entry.add("summary", clean(node["title"]), {"LANGUAGE": language.suffix})
    places = [node.get("place"), (node.get("country") or {}).get("name")]
    if where := ", ".join(filter(None, places)):
        entry.add("location", clean(where))
    if node.get("kind"):
        entry.add("categories", [word(language, "EventKind", node["kind"])])
    return entry


def _describe(entry: Entry, node: dict[str, Any], language: Language, first: list[str]) -> None:
    lines = [*first, node.get("description") or ""]
    for edge in (node.get("parties") or {}).get("edges", ()):
        if edge["node"] and edge.get("role") in ("ORGANIZER", "CO_ORGANIZER", "HOST"):
            lines.append(f"{edge['node']['name']} ({word(language, 'EventRole', edge['role'])})")
    if said := "\n".join(filter(None, lines)):
        entry.add("description", clean(said), {"LANGUAGE": language.suffix})


def _timed(entry: Entry, node: dict[str, Any]) -> Entry:
    entry.add("dtstart", local(node["startsAt"], node.get("timezone")))
    if node.get("endsAt"):
        entry.add("dtend", local(node["endsAt"], node.get("timezone")))
    return entry


def _whole_days(entry: Entry, when: dict[str, Any], *, free: bool) -> Entry:
    """From the first day to the last; `DTEND` is the day after it."""
    last = date.fromisoformat(when["latest"])
    entry.add("dtstart", date.fromisoformat(when["earliest"]))
    if last < date.max:
        entry.add("dtend", last + timedelta(days=1))
    if free:
        entry.add("transp", "TRANSPARENT")
    return entry
