"""Who belongs to a group, page by page; checked by any type checker."""

from collections.abc import Iterator

from vinculo import Client


def members(client: Client, group: str) -> Iterator[str]:
    """The names of its members, to the last page."""
    after: str | None = None
    while True:
        found = client.members(group=group, after=after).working_group
        if found is None:
            raise LookupError(f"There is no group {group!r}.")
        for membership in found.members.nodes:
            if membership.party:
                yield membership.party.name
        after = found.members.page_info.end_cursor
        if not found.members.page_info.has_next_page:
            return


if __name__ == "__main__":
    with Client("http://127.0.0.1:8000/graphql", headers={"Accept-Language": "es"}) as mine:
        for name in members(mine, "mirps"):
            print(name)
