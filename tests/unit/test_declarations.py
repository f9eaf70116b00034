"""One declaration gives a noun its table, its type, its filters and its orders."""

import pytest

from schema import base, nouns
from schema.filters import filters_of
from schema.nouns import entities, metadata


def test_a_noun_has_one_name_in_sql_and_graphql():
    """The table and the id prefix are the type's name in snake case; no noun goes by another."""
    assert {n for n, e in entities.items() if n != base.snake(e.type_name)} == set()
    assert {n for n, e in entities.items() if e.table.name != n} == set()
    assert sorted(entities) == [
        "achievement", "actor", "agreement", "alignment", "candidacy", "citation", "contribution",
        "country", "disaggregation", "document", "election", "event", "event_series", "follow_up",
        "framework", "inventory_entry", "mandate", "membership", "need", "objective", "person",
        "plan", "plan_item", "pledge", "post", "practice", "progress_update", "recommendation",
        "replication", "target", "topic", "working_group",
    ]  # fmt: skip


def test_a_field_that_may_be_null_is_a_column_that_may_be_null():
    """The annotation decides both."""
    columns = metadata.tables["objective"].c
    assert (columns.number.nullable, columns.round_table.nullable) == (False, True)


def test_a_link_that_is_null_only_for_who_may_not_see_it_is_always_there_in_the_database():
    """`required=True`."""
    columns = metadata.tables["membership"].c
    assert (columns.group_id.nullable, columns.party_id.nullable) == (False, False)


def test_every_column_that_a_filter_asks_for_is_indexed():
    """Each filter alone is a look-up in an index."""
    for noun in entities.values():
        leading = {next(iter(i.columns)).name for i in noun.table.indexes if len(i.columns)}
        unique = {c.name for c in noun.table.c if c.unique or c.primary_key}
        for known in filters_of(noun).values():
            if known.kind == "value" and not isinstance(known.spec, base.Computed):
                assert known.spec.name in leading | unique, (noun.name, known.name)


def test_every_order_is_indexed_with_the_id_as_its_last_column():
    """Total, and as fast on the last page as on the first."""
    for noun in entities.values():
        indexed = {tuple(c.name for c in i.columns) for i in noun.table.indexes}
        for by in noun.orders.values():
            for language in nouns.language.Language:
                column = nouns.tables.order_column(noun, by, language)
                assert column == "id" or (column, "id") in indexed, (noun.name, by)


def test_every_order_is_null_free():
    """A keyset page would lose rows whose key is null."""
    for noun in entities.values():
        for by in noun.orders.values():
            for language in nouns.language.Language:
                column = nouns.tables.order_column(noun, by, language)
                assert not noun.table.c[column].nullable, (noun.name, by)


def test_a_non_null_link_to_what_may_be_hidden_does_not_build():
    """The reader could not keep the promise."""
    spec = entities["membership"].specs()["group"]
    spec.optional = False
    try:
        with pytest.raises(TypeError, match=r"Membership\.group is non-null"):
            nouns.check_links()
    finally:
        spec.optional = True


def test_snake_and_camel_are_inverse_where_names_go_both_ways():
    """`workingGroup` is the root field of the table `working_group`."""
    assert base.snake("WorkingGroup") == "working_group"
    assert base.camel("working_group") == "workingGroup"
    assert base.pascal("working_group") == "WorkingGroup"
