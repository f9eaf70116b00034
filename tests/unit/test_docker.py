"""Dockerfile and compose.yaml fit the settings and the wheel; `docker/rehearse.py` runs them."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml  # pyright: ignore[reportMissingModuleSource]

from api.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())
OURS = ("migrate", "api")
SETTINGS = {PREFIX + name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("name", OURS)
def test_a_service_sets_what_is_a_setting(name: str):
    """An unknown variable would end it."""
    assert set(COMPOSE["services"][name]["environment"]) <= SETTINGS


@pytest.mark.parametrize("name", OURS)
def test_a_service_reads_secrets_that_are_settings(name: str):
    """They are files, never in its environment."""
    said = COMPOSE["services"][name]
    assert {secret.upper() for secret in said["secrets"]} <= SETTINGS
    assert not {secret.upper() for secret in said["secrets"]} & set(said["environment"])


def test_the_script_makes_every_secret(tmp_path: Path):
    """Once: what exists stays, and others do not get at it."""
    script = tmp_path / "secrets.sh"
    script.write_bytes((DOCKER / "secrets.sh").read_bytes())
    subprocess.run(["sh", script], check=True)
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert set(made) == set(COMPOSE["secrets"])
    assert [len(text) for text in made.values()] == [64, 64, 64]
    subprocess.run(["sh", script], check=True)
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == made
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700


def test_the_api_is_no_superuser():
    """Its role is made beside the one that makes the database, and has another password."""
    said = COMPOSE["services"]["database"]
    superuser = said["environment"]["POSTGRES_USER"]
    for name in OURS:
        environment = COMPOSE["services"][name]["environment"]
        assert urlsplit(environment["VINCULO_DATABASE_URL"]).username == "vinculo" != superuser
        assert "postgres_password" not in COMPOSE["services"][name]["secrets"]
    script, _, place = said["volumes"][1].partition(":")
    assert place == "/docker-entrypoint-initdb.d/role.sh:ro"
    assert (DOCKER / script).stat().st_mode & 0o111 == 0o111
    assert "\nCREATE ROLE vinculo LOGIN PASSWORD :'password';\n" in (DOCKER / script).read_text()


@pytest.mark.parametrize("name", OURS)
def test_settings_of_the_operator_reach_a_service(name: str):
    """From a file beside the compose file, where there is one."""
    given = COMPOSE["services"][name]["env_file"]
    assert given == [{"path": "settings.env", "required": False}]
    assert "/docker/settings.env" in (ROOT / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize("name", ["database", *OURS])
def test_a_service_has_an_end(name: str):
    """Of memory and processes."""
    said = COMPOSE["services"][name]
    assert "mem_limit" in said
    assert said["pids_limit"] <= 300


@pytest.mark.parametrize("language", ["", ".es"])
def test_the_image_alone_is_given_files_that_its_user_can_read(language: str):
    """Their directory is closed to it; and a port."""
    text = (DOCKER / f"README{language}.md").read_text()
    assert re.findall(r"--volume (\S+)", text) == [
        f'"$PWD/docker/secrets/{name}:/run/secrets/{name}:ro"'
        for name in ("vinculo_database_password", "vinculo_pepper")
    ]
    assert "--publish 127.0.0.1:8000:8000" in text


def test_all_packages_of_the_wheel_are_copied():
    """The ignore file names what is let in."""
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = wheel["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    let_in = (DOCKER / "Dockerfile.dockerignore").read_text().split()
    needed = [*packages, "docs", "hatch_build.py", "pyproject.toml"]
    assert {f"!{name}" for name in needed} <= set(let_in)


def test_the_api_has_nothing_it_does_not_need():
    """Neither rights nor a root directory to write to."""
    for name in OURS:
        said = COMPOSE["services"][name]
        assert (said["read_only"], said["cap_drop"]) == (True, ["ALL"])
    assert "\nUSER 10001\n" in (DOCKER / "Dockerfile").read_text()
