"""From where a request comes: what the proxies of ours that stand in front say, if there are."""

from collections.abc import Iterable


def host_of(client: tuple[str, int] | None, forwarded: Iterable[str], proxies: int) -> str:
    """The address of who asks.

    Args:
        client: who opened the connection.
        forwarded: the lines of `X-Forwarded-For`; who asks can begin them with anything, so they
            are read from the end.
        proxies: how many of ours stand in front.
    """
    hops = [hop.strip() for line in forwarded for hop in line.split(",")]
    if 0 < proxies <= len(hops):
        return hops[-proxies]
    return client[0] if client else ""
