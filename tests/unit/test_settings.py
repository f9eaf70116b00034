"""Settings are read once; wrong ones are refused by name."""

from pathlib import Path

import pytest

from api import settings
from api.failure import Failure


def test_the_defaults_serve_on_this_machine_alone():
    """Nothing is set."""
    given = settings.read()
    assert (given.host, given.port, given.database_url) == ("127.0.0.1", 8000, None)


def test_an_option_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch):
    """What was typed last counts."""
    monkeypatch.setenv("VINCULO_PORT", "9000")
    assert settings.read(port=9001).port == 9001
    assert settings.read().port == 9000


def test_a_wrong_value_is_refused_by_name(monkeypatch: pytest.MonkeyPatch):
    """With what was given and what it is for."""
    monkeypatch.setenv("VINCULO_PORT", "eighty")
    with pytest.raises(Failure, match=r"^VINCULO_PORT is 'eighty': .* The default is 8000\.$"):
        settings.read()


def test_an_unknown_variable_is_refused_with_the_nearest_known(monkeypatch: pytest.MonkeyPatch):
    """A slip of the keys must not go unnoticed."""
    monkeypatch.setenv("VINCULO_DATABSE_URL", "postgresql://x/y")
    with pytest.raises(Failure, match=r"did you mean VINCULO_DATABASE_URL\?"):
        settings.read()


def test_a_password_in_a_wrong_url_is_not_repeated(monkeypatch: pytest.MonkeyPatch):
    """It would end up in a log."""
    monkeypatch.setenv("VINCULO_DATABASE_URL", "mysql://u:s3cret@host/db")
    with pytest.raises(Failure) as refused:
        settings.read()
    assert "VINCULO_DATABASE_URL" in str(refused.value)
    assert "s3cret" not in str(refused.value)


OPENID = {"ISSUER": "https://hub.example/realm", "CLIENT_ID": "x", "CLIENT_SECRET": "s3cret"}


@pytest.mark.parametrize("missing", OPENID)
def test_a_provider_that_is_half_configured_is_refused(
    monkeypatch: pytest.MonkeyPatch, missing: str
):
    """Rather than a button that leads nowhere, or none where one is expected."""
    for name, value in OPENID.items():
        if name != missing:
            monkeypatch.setenv(f"VINCULO_OPENID_{name}", value)
    with pytest.raises(Failure, match=f"set VINCULO_OPENID_{missing}, too") as refused:
        settings.read()
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    "issuer",
    [
        "http://hub.example",
        "hub.example",
        "https://",
        "https://u:p@hub.example",
        "https://hub.example?x",
        "https://hub.example#x",
        "https://hub.example/a b",
        "https://[",
    ],
)
def test_an_issuer_that_anybody_could_be_is_refused(monkeypatch: pytest.MonkeyPatch, issuer: str):
    """By name."""
    monkeypatch.setenv("VINCULO_OPENID_ISSUER", issuer)
    with pytest.raises(Failure, match="VINCULO_OPENID_ISSUER"):
        settings.read()


def test_the_secret_of_the_provider_is_not_shown(monkeypatch: pytest.MonkeyPatch):
    """Where the settings are printed."""
    for name, value in OPENID.items():
        monkeypatch.setenv(f"VINCULO_OPENID_{name}", value)
    assert settings.read().openid_client_secret == "s3cret"
    assert "s3cret" not in repr(settings.read())


def test_every_setting_says_in_a_sentence_what_it_is_for():
    """`vinculo settings` prints them."""
    for name, field in settings.Settings.model_fields.items():
        assert (field.description or "").endswith("."), name


# Secrets in files


URL = "postgresql://vinculo@db:5432/vinculo"


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of secrets of a container."""
    monkeypatch.setattr(settings, "SECRETS", tmp_path)
    return tmp_path


def test_a_secret_may_be_a_file(secrets: Path):
    """Which ends with a line end, as editors write it."""
    (secrets / "vinculo_pepper").write_text("p" * 32 + "\n")
    (secrets / "somebody_elses").write_text("x")
    assert settings.read().pepper == "p" * 32


def test_a_variable_comes_before_a_file(secrets: Path, monkeypatch: pytest.MonkeyPatch):
    """It was set for this one start."""
    (secrets / "vinculo_pepper").write_text("p" * 32)
    monkeypatch.setenv("VINCULO_PEPPER", "q" * 32)
    assert settings.read().pepper == "q" * 32


def test_a_wrong_file_is_refused_without_its_text(secrets: Path):
    """By the name of the variable."""
    (secrets / "vinculo_pepper").write_text("s3cret")
    with pytest.raises(Failure, match=r"^VINCULO_PEPPER: ") as refused:
        settings.read()
    assert "s3cret" not in str(refused.value)


def test_a_password_completes_the_url(secrets: Path, monkeypatch: pytest.MonkeyPatch):
    """Whatever signs it has."""
    (secrets / "vinculo_database_password").write_text("a/b@c:d%\n")
    monkeypatch.setenv("VINCULO_DATABASE_URL", URL)
    assert settings.read().database_url == "postgresql://vinculo:a%2Fb%40c%3Ad%25@db:5432/vinculo"


@pytest.mark.parametrize("url", ["", "postgresql://db/vinculo", "postgresql://u:p@db/vinculo"])
def test_a_password_without_its_place_is_refused(
    secrets: Path, monkeypatch: pytest.MonkeyPatch, url: str
):
    """There is no user that it belongs to, or another password already."""
    (secrets / "vinculo_database_password").write_text("s3cret")
    monkeypatch.setenv("VINCULO_DATABASE_URL", url)
    with pytest.raises(Failure, match="VINCULO_DATABASE_PASSWORD completes") as refused:
        settings.read()
    assert "s3cret" not in str(refused.value)
