#!/bin/bash
# Makes the roles, the database and its extensions as the settings name them: those of the
# environment, or else in /etc/xuetang (XUETANG_CONFIG names another folder). Run it on the machine
# with PostgreSQL, as root or as the superuser. A second run changes nothing but the passwords, to
# those of the settings.
set -euo pipefail

if [[ -z ${DATABASE_OWNER_URL:-} ]]; then
    folder=${XUETANG_CONFIG:-/etc/xuetang}
    # shellcheck source=/dev/null
    . "$folder/env"
    # shellcheck source=/dev/null
    . "$folder/owner.env"
fi

# export_parts PREFIX URL: what the address names, for psql. It gets them in the environment, since
# everyone on the machine sees arguments.
export_parts() {
    local pattern='^postgres(ql)?://([^:/@]+):([^:/@]+)@[^/]*/([^/?]+)'
    if [[ ! $2 =~ $pattern ]]; then
        echo "$1_URL is not like postgresql://role:password@server:5432/database" >&2
        exit 1
    fi
    local role=${BASH_REMATCH[2]} password=${BASH_REMATCH[3]} name=${BASH_REMATCH[4]}
    printf -v role '%b' "${role//%/\\x}"
    printf -v password '%b' "${password//%/\\x}"
    export "$1_ROLE=$role" "$1_PASSWORD=$password" "DATABASE_NAME=$name"
}
export_parts DATABASE "$DATABASE_URL"
export_parts DATABASE_OWNER "$DATABASE_OWNER_URL"

as_superuser=()
if ((EUID == 0)); then as_superuser=(runuser -u postgres --); fi
cd /
"${as_superuser[@]}" psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 <<'SQL'
\getenv owner DATABASE_OWNER_ROLE
\getenv owner_password DATABASE_OWNER_PASSWORD
\getenv app DATABASE_ROLE
\getenv app_password DATABASE_PASSWORD
\getenv database DATABASE_NAME
-- The server's log keeps statements that fail; these hold passwords.
SET log_min_error_statement = panic;
SET log_statement = 'none';
SELECT format('CREATE ROLE %I LOGIN', name)
    FROM unnest(ARRAY[:'owner', :'app']) AS wanted (name)
    WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
-- The monthly drill restores a backup into a second database.
ALTER ROLE :"owner" CREATEDB PASSWORD :'owner_password';
ALTER ROLE :"app" PASSWORD :'app_password';
-- C.UTF-8 sorts alike on every machine, and pg_trgm takes Chinese characters for letters in it.
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING %L LOCALE %L',
              :'database', :'owner', 'UTF8', 'C.UTF-8')
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"app";
\connect :"database"
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
SQL
echo "The database $DATABASE_NAME is there, with $DATABASE_OWNER_ROLE, who owns it, and $DATABASE_ROLE."
