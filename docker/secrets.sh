#!/bin/sh
# Makes the secrets that compose.yaml hands to the containers, once; those that exist stay.
set -eu
cd "$(dirname "$0")"
mkdir -p secrets
chmod 700 secrets
for name in postgres_password vinculo_database_password vinculo_pepper; do
	if [ ! -s "secrets/$name" ]; then
		# A file is read by the container's own user: the directory keeps others out.
		od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"secrets/$name"
		chmod 644 "secrets/$name"
	fi
done
