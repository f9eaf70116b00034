"""Parts of named documents: filters left out, dates in words, cells and lines made harmless."""

import tomllib
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from graphql import parse, print_ast

import api.named
from api.named.calendar import calendar, clean
from api.named.days import in_words, is_exact, precision
from api.named.linked import linked
from api.named.pruning import pruned
from api.named.sheet import harmless, sheet
from api.named.wording import Piece, sources, word
from resolvers.schema import schema
from schema.language import Language

ES, EN = Language.ES, Language.EN


def when(edtf: str, earliest: str, latest: str, status: str = "EXACT") -> dict[str, Any]:
    """A date of the answer."""
    return {
        "text": None, "edtf": edtf, "earliest": earliest, "latest": latest, "status": status,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("absent", "left"),
    [
        ((), "a(where: {b: {c: {eq: $x}}, and: [{d: $y}, {e: {}}]}, f: $y)"),
        (("x",), "a(where: {and: [{d: $y}, {e: {}}]}, f: $y)"),
        (("y",), "a(where: {b: {c: {eq: $x}}, and: [{e: {}}]})"),
        (("x", "y"), "a(where: {and: [{e: {}}]})"),
    ],
)
def test_a_filter_goes_with_its_variable(absent: tuple[str, ...], left: str):
    """And what held nothing else; what was written empty stays."""
    document = parse(
        "query ($x: I, $y: I) { a(where: {b: {c: {eq: $x}}, and: [{d: $y}, {e: {}}]}, f: $y) }"
    )
    printed = " ".join(print_ast(pruned(document, frozenset(absent))).split())
    assert left in printed.replace("{ b", "{b").replace("{ ", "{").replace(" }", "}")
    assert all(f"${name}" not in printed for name in absent)


@pytest.mark.parametrize(
    ("date", "es", "en", "exact"),
    [
        (when("2023-01-24", "2023-01-24", "2023-01-24"), "24 de enero de 2023", "24 January 2023",
         True),
        (when("2023-04-12/2023-04-14", "2023-04-12", "2023-04-14"),
         "12 de abril de 2023 – 14 de abril de 2023", "12 April 2023 – 14 April 2023", True),
        (when("2023-02", "2023-02-01", "2023-02-28"), "febrero de 2023", "February 2023", False),
        (when("2023", "2023-01-01", "2023-12-31", "APPROXIMATE"), "2023 (aproximada)",
         "2023 (approximate)", False),
        (when("2023-04-12", "2023-04-12", "2023-04-12", "TO_BE_CONFIRMED"),
         "12 de abril de 2023 (por confirmar)", "12 April 2023 (to be confirmed)", False),
        ({**when("", "", ""), "earliest": None, "latest": None, "edtf": None, "status": "UNDATED"},
         "sin fecha", "no date", False),
    ],
)  # fmt: skip
def test_dates_are_as_vague_as_they_are(date: dict[str, Any], es: str, en: str, exact: bool):
    """In both languages; only known days are exact."""
    said = [in_words(date, of, lambda enum, value, of=of: word(of, enum, value)) for of in (ES, EN)]
    assert said == [es, en]
    assert is_exact(date) is exact


@pytest.mark.parametrize(
    ("edtf", "status", "first", "last"),
    [
        ("2027", "EXACT", "2027", "2027"),
        ("2027-03", "EXACT", "2027-03", "2027-03"),
        ("2027-03-10", "EXACT", "2027-03-10", "2027-03-10"),
        ("2027-03/2027-05", "EXACT", "2027-03", "2027-05"),
        ("2027-03", "APPROXIMATE", None, None),
        ("2027-21", "EXACT", None, None),
        ("2027-03?", "EXACT", None, None),
        ("[2027-03,2027-04]", "EXACT", None, None),
        ("2027-03/..", "EXACT", None, None),
        (None, "UNDATED", None, None),
    ],
)
def test_linked_data_begin_as_exactly_as_they_are_known(
    edtf: str | None, status: str, first: str | None, last: str | None
):
    """Where EDTF writes what ISO 8601 writes too."""
    day = {"edtf": edtf, "status": status, "earliest": "2027-01-01", "latest": "2027-12-31"}
    event = {"id": "event_1", "title": "Taller", "status": "CONFIRMED", "date": day}
    [thing] = linked([event])["@graph"]
    assert (thing.get("startDate"), thing.get("endDate")) == (first, last)


@pytest.mark.parametrize(
    ("edtf", "status", "es", "en"),
    [
        ("2027-03-10", "EXACT", "día", "day"),
        ("2027-03-10/2027-03-12", "EXACT", "día", "day"),
        ("2027-03", "EXACT", "mes", "month"),
        ("2022", "EXACT", "año", "year"),
        ("2027-03/2027-04-02", "EXACT", "exacta", "exact"),
        ("2027-03-10", "TO_BE_CONFIRMED", "por confirmar", "to be confirmed"),
        (None, "UNDATED", "sin fecha", "no date"),
    ],
)
def test_how_exactly_a_date_is_known(edtf: str | None, status: str, es: str, en: str):
    """A year that is known is not a day that is."""
    date = {"edtf": edtf, "status": status}
    assert [precision(date, of, lambda enum, it, of=of: word(of, enum, it)) for of in (ES, EN)] == [
        es, en,
    ]  # fmt: skip


def test_sources_say_each_place_once_and_what_it_is():
    """`M3:89` is a line of a text edition; other locators stand as they are."""
    locators = ["M3:89", "M3:111", "M3:89", "M3:62-64", "p. 7", "p. 7", None]
    document = {"title": "Plan", "url": None}
    citations = [{"locator": each, "document": document} for each in locators]
    said = [sources(citations, of) for of in (ES, EN)]
    alone = [sources([{"locator": each, "document": document}], EN) for each in ("M3:9", "M3:6-7")]
    assert [piece.text for [piece] in alone] == [
        "Plan (text edition M3, line 9)", "Plan (text edition M3, lines 6–7)",
    ]  # fmt: skip
    assert said == [
        [Piece("Plan (edición de texto M3, líneas 62–64, 89, 111; p. 7)")],
        [Piece("Plan (text edition M3, lines 62–64, 89, 111; p. 7)")],
    ]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "\0=1"]
)
def test_a_text_never_begins_like_a_formula(text: str):
    """As OWASP lists them."""
    assert harmless(text).startswith("'")


def test_numbers_stay_numbers():
    """A negative amount is no formula; a text that looks like one is."""
    row = [[Piece("-12.50", number=True)], [Piece("-12.50")], [Piece('a, "b"\nc')], []]
    assert sheet(["A", "B", "C", "D"], [row], ",", None).decode() == (
        '\ufeffA,B,C,D\r\n-12.50,\'-12.50,"a, ""b""\nc",\r\n'
    )


def test_headers_and_notes_are_texts_as_well():
    """Both can be a deployment's own words."""
    assert sheet(["=A", "B"], [], ";", "+1").decode() == "\ufeff'=A;B\r\n'+1\r\n"


def test_a_line_of_a_calendar_has_no_controls():
    """NUL, a bell, and signs that some take for the end of a line."""
    assert clean("a\0b\x07c\r\nd\re\u2028f\u2029g\x85h") == "a b c\nd\ne f g h"


def test_no_text_of_a_calendar_ends_its_line():
    """Neither its own nor those of an event."""
    evil = "a\x07b\u2028c\x85d\r\nEND:VEVENT\rBEGIN:VEVENT"
    day = {"text": None, "edtf": "2027-03-10", "status": "CONFIRMED"}
    event = {
        "id": "event_1", "version": 1, "updatedAt": "2027-01-01T00:00:00Z", "status": "CONFIRMED",
        "date": day | {"earliest": "2027-03-10", "latest": "2027-03-10"},
        "title": evil, "place": evil, "description": evil,
    }  # fmt: skip
    body = calendar(evil, evil, [event], EN, "https://example.org/").decode()
    assert [body.count(f"\r\n{end}:VEVENT\r\n") for end in ("BEGIN", "END")] == [1, 1]
    signs = {sign for sign in body if unicodedata.category(sign) in ("Cc", "Zl", "Zp")}
    assert signs == {"\r", "\n"}


def test_every_value_that_columns_show_has_words_in_both_languages():
    """Of the enums that have words at all, all have them."""
    path = Path(api.named.__path__[0]) / "words.toml"
    kept = tomllib.loads(path.read_text("utf-8"))
    types = schema._schema.type_map  # pyright: ignore[reportPrivateUsage]
    assert {name: sorted(words) for name, words in kept.items()} == {
        name: sorted(getattr(types[name], "values", ())) for name in kept
    }
