"""Requests that mean harm, or were made by accident: each is answered, none with a 5xx or a delay.

The fixture refuses any logged defect; every test shows that the server still answers afterwards.
"""

import gzip
import json
import socket
import struct
import time
from collections.abc import Generator
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.serving import NEWER, OLDER, Edge, eventually

JSON_LINE = {"Content-Type": OLDER, "Accept": OLDER}
BODY = b'{"query":"{__typename}"}'
ANSWER = b'{"data":{"__typename":"Query"}}'
CODES = {"BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "TOO_COMPLEX"}


@pytest.fixture(autouse=True)
def unharmed(edge: Edge) -> Generator[None]:
    """The server answers at once afterwards."""
    yield
    began = time.monotonic()
    assert edge.ask("{ __typename }").body == ANSWER
    assert time.monotonic() - began < 5


def query(text: str, **more: object) -> bytes:
    """A body with this document."""
    return json.dumps({"query": text, **more}).encode()


BODIES = {
    "nothing": b"",
    "blanks": b"   \r\n",
    "null": b"null",
    "a text": b'"x"',
    "a number": b"1",
    "a batch": b"[" + BODY + b"]",
    "an empty batch": b"[]",
    "an empty object": b"{}",
    "half of it": BODY[:-2],
    "more than one": BODY + BODY,
    "invalid UTF-8": b'{"query":"\xff"}',
    "overlong UTF-8": b'{"query":"\xc0\xaf"}',
    "UTF-16": BODY.decode().encode("utf-16"),
    "UTF-32": BODY.decode().encode("utf-32-le"),
    "a byte order mark": b"\xef\xbb\xbf" + BODY,
    "NaN": b'{"query":"{__typename}","variables":{"a":NaN}}',
    "Infinity": b'{"query":"{__typename}","variables":{"a":-Infinity}}',
    "a lone surrogate": b'{"query":"{__typename}","variables":{"a":"\\ud800"}}',
    "a raw control character": b'{"query":"{__typename\n}"}',
    "deep lists": b'{"query":"{__typename}","variables":{"a":' + b"[" * 100_000 + b"}}",
    "deep objects": b'{"query":"{__typename}","variables":' + b'{"a":' * 20_000,
    "a list as query": b'{"query":["{__typename}"]}',
    "a number as query": b'{"query":1}',
    "null as query": b'{"query":null}',
    "variables as text": query("{__typename}", variables='{"a":1}'),
    "variables as a list": query("{__typename}", variables=[]),
    "extensions as a number": query("{__typename}", extensions=1),
    "a name that is no text": query("{__typename}", operationName={}),
    "an empty document": query(""),
    "only a comment": query("# nothing"),
    "only a fragment": query("fragment F on Query { __typename }"),
    "a NUL in the document": query("{__typename\0}"),
    "an SDL document": query("type Query { x: Int }"),
    "an empty selection": query("{ actor(by: {slug: \"x\"}) { } }"),
    "deep selections": query("{a" * 5_000),
    "deep values": query("{a(b:" + "[" * 5_000),
    "a cycle of fragments": query("{...A} fragment A on Query {...B} fragment B on Query {...A}"),
    "a fragment of itself": query("{...A} fragment A on Query {...A}"),
    "an unknown fragment": query("{...A}"),
    "a long name": query("{" + "x" * 15_000 + "}"),
    "many tokens": query("{" + "a " * 9_000 + "}"),
    "many comments": query("#\n" * 5_000 + "{__typename}"),
    "blanks without end": query(" " * 150_000 + "{__typename}"),
    "a lone surrogate in the document": query('{node(id:"\\uD800"){id}}'),
    "a page of 5000 digits": query("{states(first:" + "9" * 5_000 + "){totalCount}}"),
    "a float beyond all": query('{node(id:1e999999999){id}}'),
    "a negative page": query("{states(first:-1){nodes{slug}}}"),
    "a page of 101": query("{states(first:101){nodes{slug}}}"),
    "two ways to page": query("{states(first:1,last:1){nodes{slug}}}"),
    "an invented cursor": query('{states(after:"!!!"){nodes{slug}}}'),
    "an id of another world": query('{node(id:"actor_\'; DROP TABLE actor; --"){id}}'),
    "an enum that is none": query("{states(order:NO){nodes{slug}}}"),
}  # fmt: skip


@pytest.mark.parametrize("accept", [OLDER, NEWER])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_that_cannot_be_answered(edge: Edge, body: bytes, accept: str):
    """A sentence and a code."""
    answer = edge.send("POST", "/graphql", body, {"Content-Type": OLDER, "Accept": accept})
    assert answer.status in ((200, 400) if accept == OLDER else (200, 400, 413))
    assert set(answer.codes) <= CODES | {"INVALID_CURSOR"}
    assert all(len(error["message"]) > 10 for error in answer.json["errors"])


VALUES = {
    "a NUL": '"\\u0000"',
    "a number of 5000 digits": "9" * 5_000,
    "a float of 5000 digits": "0." + "9" * 5_000,
    "a huge exponent": "1e400",
    "beyond 64 bits": "18446744073709551616",
    "beyond 32 bits": "4294967296",
    "a fraction": "1.5",
    "a truth": "true",
    "nothing": "null",
    "a list in a list": "[[[1]]]",
    "an object": '{"__proto__": {}}',
    "many values": "[" + "1," * 50_000 + "1]",
    "nested": "[" * 900 + "]" * 900,
    "a text": '"' + "é" * 10_000 + '"',
    "an injection": "\"'; DROP TABLE actor; --\"",
}  # fmt: skip
USES = {
    "Int": "query($v: Int) { states(first: $v) { totalCount } }",
    "String": "query($v: String!) { search(text: $v, first: 1) { totalCount } }",
    "ID": "query($v: ID!) { node(id: $v) { id } }",
    "a list of ID": "query($v: [ID!]!) { nodes(ids: $v) { id } }",
    "a filter": "query($v: ActorFilter) { actors(where: $v) { totalCount } }",
    "nothing": "query { __typename }",
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_variable_of_any_kind(edge: Edge, value: str, use: str):
    """Data or a sentence, in 32 bits or 5000 digits."""
    body = json.dumps({"query": use})[:-1] + f', "variables": {{"v": {value}}}}}'
    answer = edge.send("POST", "/graphql", body.encode(), JSON_LINE)
    assert answer.status in (200, 400)
    assert "data" in answer.json or set(answer.codes) <= CODES


CONTENT = {
    "none": {},
    "a form": {"Content-Type": "application/x-www-form-urlencoded"},
    "multipart": {"Content-Type": "multipart/form-data; boundary=x"},
    "a document": {"Content-Type": "application/graphql"},
    "plain text": {"Content-Type": "text/plain"},
    "Latin-1": {"Content-Type": "application/json; charset=iso-8859-1"},
    "UTF-16": {"Content-Type": "application/json; charset=utf-16"},
    "gzip": JSON_LINE | {"Content-Encoding": "gzip"},
    "brotli": JSON_LINE | {"Content-Encoding": "br"},
    "an invented encoding": JSON_LINE | {"Content-Encoding": "x" * 500},
}


@pytest.mark.parametrize("headers", CONTENT.values(), ids=CONTENT)
def test_a_body_of_another_kind(edge: Edge, headers: dict[str, str]):
    """415, and nothing is unpacked."""
    answer = edge.send("POST", "/graphql", gzip.compress(BODY), headers)
    assert (answer.status, answer.codes) == (415, ["BAD_USER_INPUT"])


@pytest.mark.parametrize(
    "line", ["application/json;charset=UTF-8", 'APPLICATION/JSON; charset="utf-8"; x=y']
)
def test_json_by_other_names(edge: Edge, line: str):
    """Names of media types and charsets know no case."""
    assert edge.send("POST", "/graphql", BODY, {"Content-Type": line}).body == ANSWER


def test_a_large_body_is_refused_while_it_is_read(edge: Edge):
    """Announced or not."""
    large = b" " * 300_000
    announced = edge.send("POST", "/graphql", large, JSON_LINE)
    assert (announced.status, announced.codes) == (413, ["BAD_USER_INPUT"])
    with edge.open() as connection:
        connection.sendall(
            b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        for _ in range(5):
            connection.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


ADDRESSES = {
    "no query": "",
    "an empty query": "query=",
    "two queries": "query={__typename}&query={__typename}",
    "invalid UTF-8": "query=%ff%fe",
    "half an escape": "query=%7B__typename%7D%",
    "no escape": "query=%zz",
    "a lone surrogate": "query={__typename}&variables=%22%ED%A0%80%22",
    "variables that are no JSON": "query={__typename}&variables={",
    "variables in a list": "query={__typename}&variables=[]",
    "extensions that are no JSON": "query={__typename}&extensions=x",
    "a NUL": "query={__typename%00}",
    "many parameters": "&".join(f"x{n}=1" for n in range(2_000)),
}


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_an_address_that_cannot_be_answered(edge: Edge, address: str):
    """GET is read as carefully as POST."""
    answer = edge.send("GET", f"/graphql?{address}", b"", {"Accept": NEWER})
    assert answer.status == 400
    assert set(answer.codes) <= CODES


def test_a_long_address(edge: Edge):
    """414."""
    assert edge.send("GET", "/graphql?query=" + "x" * 50_000).status == 414


HEADERS = {
    "a long Accept": "Accept: " + "application/xml," * 3_000,
    "a wild Accept": "Accept: ;;;,,,===;q=;q,*/*;q=2;q=-1,\xff\xfe",
    "a wild language": "Accept-Language: " + "en;q=1e999," * 2_000,
    "a language of bytes": "Accept-Language: \xe9\xff",
    "two types": f"Content-Type: {OLDER}",
    "a broken length": "X: y\r\nContent-Length: -5",
    "two lengths": "Content-Length: 3",
    "length and chunks": "Transfer-Encoding: chunked",
    "a folded line": "X: y\r\n z: w",
    "no colon": "nonsense",
    "an upgrade": "Connection: Upgrade\r\nUpgrade: websocket",
    "an expectation": "Expect: the-unexpected",
    "a host of nothing": "Host:",
}


@pytest.mark.parametrize("line", HEADERS.values(), ids=HEADERS)
def test_a_header_that_nobody_expects(edge: Edge, line: str):
    """Answered, or refused by the parser."""
    request = (
        f"POST /graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {OLDER}\r\n"
        f"{line}\r\nContent-Length: {len(BODY)}\r\n\r\n"
    )
    answer = edge.raw(request.encode("latin-1") + BODY)
    assert answer[:10] in (b"HTTP/1.1 2", b"HTTP/1.1 4")


@pytest.mark.parametrize(
    "request_",
    [
        b"\r\n\r\n\r\n",
        b"GET /graphql\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\n\r\n",
        b"GET \xff HTTP/1.1\r\n\r\n",
        b"POST /graphql HTTP/9.9\r\n\r\n",
        b"x" * 70_000,
    ],
)
def test_what_is_hardly_http(edge: Edge, request_: bytes):
    """The connection is closed, politely or not."""
    answer = b""
    with edge.open() as connection, suppress(ConnectionError):
        connection.sendall(request_)
        connection.shutdown(socket.SHUT_WR)
        while piece := connection.recv(65_536):
            answer += piece
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")


def test_a_slow_body_is_not_waited_for(edge: Edge):
    """The application of these tests waits a second."""
    head = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    answer = edge.raw(head + b"Content-Length: 99\r\n\r\n{")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in answer


def test_a_body_by_drops_is_not_waited_for(edge: Edge):
    """Even if something arrives all the time."""
    with edge.open() as connection:
        connection.sendall(
            b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 9999\r\n\r\n"
        )
        connection.settimeout(0.1)
        answer = b""
        for _ in range(100):
            try:
                connection.sendall(b" ")
                answer += connection.recv(1_000)
                break
            except TimeoutError:
                continue
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_body_in_pieces_is_read(edge: Edge):
    """Chunks of one byte, in several packets."""
    with edge.open() as connection:
        connection.sendall(
            b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        for byte in BODY:
            connection.sendall(b"1\r\n%c\r\n" % byte)
        connection.sendall(b"0\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert answer.endswith(ANSWER)


def test_requests_in_one_packet_are_all_answered(edge: Edge):
    """In their order."""
    one = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    one += b"Content-Length: %d\r\n" % len(BODY)
    requests = (one + b"\r\n" + BODY) * 9 + one + b"Connection: close\r\n\r\n" + BODY
    assert edge.raw(requests).count(ANSWER) == 10


def test_a_client_that_leaves_is_forgotten(edge: Edge):
    """Before its body is complete, after it, and with a reset."""
    head = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    for rest in (b"", b"Content-Length: 50\r\n\r\n{", b"Content-Length: 24\r\n\r\n" + BODY):
        for linger in (b"", struct.pack("ii", 1, 0)):
            with edge.open() as connection:
                connection.sendall(head + rest)
                if linger:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    assert eventually(lambda: not edge.connections())


def test_a_half_closed_connection_is_not_kept(edge: Edge):
    """Its request may be answered; the connection ends either way."""
    with edge.open() as connection:
        connection.sendall(
            b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
        )
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert answer == b"" or answer.endswith(ANSWER)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
SOME_BODY = st.binary(max_size=60) | st.fixed_dictionaries(
    {"query": st.sampled_from(sorted(USES.values())) | st.text(max_size=40) | ANY_JSON},
    optional={
        "variables": st.dictionaries(st.just("v") | st.text(max_size=3), ANY_JSON) | ANY_JSON,
        "operationName": ANY_JSON,
        "extensions": ANY_JSON,
    },
).map(lambda value: json.dumps(value).encode())


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=SOME_BODY)
def test_no_body_breaks_it(edge: Edge, body: bytes):
    """Whatever is sent: data or a sentence."""
    answer = edge.send("POST", "/graphql", body, JSON_LINE)
    assert answer.status in (200, 400)
    assert "data" in answer.json or set(answer.codes) <= CODES | {"INVALID_CURSOR"}


@pytest.mark.parametrize("path", ["/readyz", "/graphql?query={__typename}"])
def test_what_follows_a_request_and_is_no_http_is_no_defect_of_ours(edge: Edge, path: str):
    """The server closes the connection under the answers that it still owes."""
    asked = f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    assert edge.raw(asked * 3 + b"@@@@\r\n\r\n").startswith(b"HTTP/1.1 400")
