#!/bin/sh
# Runs once, when the database is made: the API's own role owns its database and nothing else.
set -e
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\set password `cat /run/secrets/vinculo_database_password`
CREATE ROLE vinculo LOGIN PASSWORD :'password';
ALTER DATABASE vinculo OWNER TO vinculo;
SQL
