"""What a date says of itself beside its days."""

import pytest

from schema.base import Dated, spec_of
from schema.fuzzy_date import DateStatus
from schema.nouns import entities
from schema.rejection import Rejected
from schema.rows import columns

WHEN = spec_of(entities["event"].fields["date"])
assert isinstance(WHEN, Dated)


@pytest.mark.parametrize(
    ("edtf", "status"),
    [
        ("2023?", "APPROXIMATE"),
        ("1984~", "APPROXIMATE"),
        ("2023-04%", "APPROXIMATE"),
        ("[2023-04,2023-05]", "APPROXIMATE"),
        ("2023-04~/2023-06", "APPROXIMATE"),
        ("2023", "EXACT"),
        ("2023-41", "EXACT"),
        ("2014-12-02/2014-12-03", "EXACT"),
    ],
)
def test_a_date_is_as_sure_as_it_is_written(edtf: str, status: str):
    """A qualifier, or one of several, is not exact; a month or a half year is as it is given."""
    assert columns(WHEN, {"edtf": edtf}, ("date",))["date_status"] == status


def test_a_status_that_is_given_counts():
    """The source may say of itself that it is not sure."""
    given = {"edtf": "2023-04", "status": DateStatus.TO_BE_CONFIRMED}
    assert columns(WHEN, given, ("date",))["date_status"] == "TO_BE_CONFIRMED"


def test_what_is_written_as_unsure_is_not_exact():
    """One of the two is wrong."""
    with pytest.raises(Rejected) as refused:
        columns(WHEN, {"edtf": "2023?", "status": DateStatus.EXACT}, ("date",))
    [problem] = refused.value.problems
    assert (problem.code, problem.path) == ("INVALID", ("date", "status"))
    assert sorted(problem.message.values()) == [
        "'2023?' does not say the date exactly; leave `status` out, or give `APPROXIMATE`.",
        "'2023?' no dice la fecha con exactitud; deje `status` fuera, o dé `APPROXIMATE`.",
    ]
