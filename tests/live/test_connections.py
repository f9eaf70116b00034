"""Clients that are slow, silent or many: each ends by itself, and others are answered meanwhile."""

import socket
import time
from collections.abc import Generator
from contextlib import ExitStack, suppress

import pytest

from tests.serving import Edge, eventually, serving

BODY = b'{"query":"{__typename}"}'
HEAD = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
LARGE = (
    b'{"query":"{ actors(first: 100) { nodes { '
    + b" ".join(b"a%d: names { text origin }" % n for n in range(60))
    + b' } } }"}'
)
MANY = 500


@pytest.fixture(scope="module")
def impatient(seeded: str) -> Generator[Edge]:
    """An application that waits for less than a second."""
    patience = {"header_seconds": 0.5, "body_seconds": 0.5, "write_seconds": 0.5}
    with serving(seeded, **patience, address_connections=MANY + 50) as running:
        yield running


@pytest.fixture
def edge(impatient: Edge) -> Generator[Edge]:
    """That application; nobody is connected any more afterwards."""
    yield impatient
    assert eventually(lambda: not impatient.connections(), 5)
    assert impatient.ask("{ __typename }").status == 200


def dripped(edge: Edge, first: bytes, drop: bytes) -> bytes:
    """What comes back to who sends a drop now and then, until the connection ends."""
    answer = b""
    with edge.open() as connection, suppress(ConnectionError):
        connection.sendall(first)
        connection.settimeout(0.1)
        began = time.monotonic()
        while time.monotonic() - began < 8:
            try:
                if not (piece := connection.recv(1_000)):
                    return answer
                answer += piece
            except TimeoutError:
                connection.sendall(drop)
        raise AssertionError("The connection did not end.")
    return answer


def test_a_head_by_drops_is_not_waited_for(edge: Edge):
    """Slowloris: something arrives all the time, and it is never complete."""
    assert dripped(edge, HEAD, b"X: y\r\n").startswith(b"HTTP/1.1 408 ")


def test_empty_lines_are_no_head(edge: Edge):
    """The parser passes over them, so that no request ever begins."""
    assert dripped(edge, b"", b"\r\n").startswith(b"HTTP/1.1 408 ")


def test_silence_is_not_waited_for(edge: Edge):
    """Who opens a connection has something to say."""
    assert dripped(edge, b"", b"").startswith(b"HTTP/1.1 408 ")


def test_the_next_head_by_drops_is_not_waited_for_either(edge: Edge):
    """An answer before it makes no difference."""
    first = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY + HEAD
    answer = dripped(edge, first, b"X: y\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in answer


@pytest.mark.parametrize("path", [b"/graphql", b"/", b"/healthz", b"/oauth/token"])
def test_a_body_by_drops_is_not_waited_for(edge: Edge, path: bytes):
    """Wherever it is sent to, read there or not."""
    head = b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" % path
    answer = dripped(edge, head + b"Content-Length: 9999\r\n\r\n", b" ")
    assert b"HTTP/1.1 200 " not in answer


def cut_off(connection: socket.socket) -> bool:
    """Whether who sends without end is cut off."""
    with suppress(ConnectionError):
        for _ in range(300):
            connection.sendall(b"a" * 1_000_000)
        return False
    return True


REFUSED = (
    b"The request line and the headers are more than 64 kB together; send long documents by POST, "
    b"and no header that is not needed.\n"
)
LONG = {
    "header": b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: %b",
    "name": b"GET /healthz HTTP/1.1\r\nHost: x\r\n%b",
    "request line": b"GET /healthz?%b",
    "empty lines": b"\r\n" * 40_000 + b"%b",
}


@pytest.mark.parametrize("part", LONG)
def test_a_head_has_a_bound(edge: Edge, part: str):
    """Whatever it is filled with; what goes beyond is thrown away."""
    answer = edge.raw(LONG[part] % (b"a" * 200_000))
    head, body = answer.split(b"\r\n\r\n", 1)
    assert head.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert (b"connection: close" in head, body) == (True, REFUSED)


def test_many_headers_have_the_same_bound(edge: Edge):
    """All of them together."""
    lines = b"".join(b"X-%d: y\r\n" % n for n in range(10_000))
    assert edge.raw(HEAD + lines + b"\r\n").startswith(b"HTTP/1.1 431 ")


def test_a_head_is_not_read_to_its_end(edge: Edge):
    """Who goes on sending is cut off after a megabyte."""
    with edge.open() as connection:
        connection.sendall(HEAD + b"X: ")
        assert cut_off(connection)


def test_the_next_head_has_the_same_bound(edge: Edge):
    """An answer before it makes no difference."""
    first = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
    with edge.open() as connection:
        connection.sendall(first)
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200 ")
        connection.sendall(HEAD + b"X: " + b"a" * 70_000)
        assert connection.recv(65_536).startswith(b"HTTP/1.1 431 ")


def test_many_headers_that_repeat_keep_nobody_waiting(edge: Edge):
    """As many as fit; they are put together in one go."""
    lines = b"".join(b"%x:\r\n" % n for n in range(8_000)) + b"0:\r\nConnection: close\r\n"
    began = time.monotonic()
    answer = edge.raw(HEAD + lines + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("part", [b"0\r\nX: ", b"1;x="])
def test_what_stands_between_the_parts_of_a_body_has_the_same_bound(edge: Edge, part: bytes):
    """Trailers and extensions of chunks, of which nobody would know before their end."""
    with edge.open() as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + part)
        assert cut_off(connection)


def test_no_refusal_stands_in_an_answer(edge: Edge):
    """Where one may be on its way, the connection ends without a word."""
    answer = b""
    with suppress(ConnectionError):
        answer = edge.raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + b"a" * 200_000)
    assert answer == b""


def test_a_head_of_60_kb_is_read(edge: Edge):
    """In one piece or in many, before a body that is longer."""
    filled = HEAD + b"X: " + b"a" * 60_000 + b"\r\nConnection: close\r\n"
    body = BODY + b" " * 150_000
    request = filled + b"Content-Length: %d\r\n\r\n" % len(body) + body
    assert edge.raw(request).startswith(b"HTTP/1.1 200 ")
    with edge.open() as connection:
        for start in range(0, len(request), 5_000):
            connection.sendall(request[start : start + 5_000])
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200 ")


def test_requests_that_follow_each_other_are_no_long_head(edge: Edge):
    """However many come at once."""
    one = HEAD + b"X: " + b"a" * 30_000 + b"\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY
    last = one.replace(b"\r\nX:", b"\r\nConnection: close\r\nX:")
    assert edge.raw(one * 7 + last).count(b"HTTP/1.1 200 ") == 8


def test_answers_that_nobody_reads_are_given_up(edge: Edge):
    """Megabytes of them, asked for at once."""
    one = HEAD + b"Content-Length: %d\r\n\r\n" % len(LARGE) + LARGE
    with edge.open() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.sendall(one * 20)
        assert eventually(lambda: edge.connections() == 1, 2)
        assert eventually(lambda: not edge.connections(), 12)


def test_who_reads_slowly_gets_all_of_it(edge: Edge):
    """As long as it is read at all."""
    request = HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(LARGE) + LARGE
    with edge.open() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(32_768):
            answer += piece
            time.sleep(0.01)
    head, body = answer.split(b"\r\n\r\n", 1)
    assert b"content-length: %d" % len(body) in head


def test_many_that_say_nothing_keep_nobody_out(edge: Edge):
    """Others are answered at once, and the silent ones are gone after a while."""
    with ExitStack() as stack:
        for _ in range(MANY):
            stack.enter_context(edge.open())
        began = time.monotonic()
        assert edge.ask("{ __typename }").status == 200
        assert time.monotonic() - began < 1
        assert eventually(lambda: not edge.connections(), 6)


def test_one_address_holds_so_many_connections(seeded: str):
    """One more is told so and closed; when one ends there is room again."""
    with serving(seeded, address_connections=3) as edge, ExitStack() as stack:
        held = [stack.enter_context(edge.open()) for _ in range(3)]
        assert eventually(lambda: edge.connections() == 3)
        assert edge.raw(b"").startswith(b"HTTP/1.1 429 ")
        held[0].close()
        assert eventually(lambda: edge.connections() == 2)
        assert edge.ask("{ __typename }").status == 200


def test_a_server_holds_so_many_connections(seeded: str):
    """Wherever they come from."""
    with serving(seeded, max_connections=10) as edge, ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(edge.open())
        assert eventually(lambda: edge.connections() == 10)
        assert edge.raw(b"").startswith(b"HTTP/1.1 503 ")


def test_behind_a_proxy_its_connections_are_its_own_affair(seeded: str):
    """All come from its address."""
    with serving(seeded, address_connections=1, proxies=1) as edge, ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(edge.open())
        assert eventually(lambda: edge.connections() == 5)
        assert edge.ask("{ __typename }").status == 200
