#!/bin/bash
# install.sh [FOLDER]: installs this bundle as FOLDER/releases/VERSION (/opt/xuetang), without any
# registry. Needs Debian's python3 and python3-venv. The first release becomes FOLDER/current; a later
# one only stands beside it, until it is migrated to (see the steps at the end).
set -euo pipefail

bundle=$(cd -P "$(dirname "$(readlink -f "$0")")" && pwd)
folder=${1:-/opt/xuetang}
cd "$bundle"

fail() {
    echo "Not installed: $*" >&2
    exit 1
}

sha256sum --check --strict --quiet SHA256SUMS ||
    fail "the bundle is not as it was made. Copy it again."
if ! diff <(find . -type f ! -path ./SHA256SUMS | sort) <(cut -c 67- SHA256SUMS | sort) >&2; then
    fail "the bundle holds files that its checksums do not name, shown above."
fi

version=$(<VERSION)
read -r python processor <TARGET
have="$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])') $(uname -m)"
[[ $have == "$python $processor" ]] ||
    fail "the bundle is for Python $python on $processor, and this is Python $have."
python3 -c 'import ensurepip, venv' 2>/dev/null || fail "the package python3-venv is missing."

release=$folder/releases/$version
[[ ! -e $release/.installed ]] || fail "$release is there already."

echo "Installing into $release …"
umask 0022
rm -rf "$release"
mkdir -p "$folder/releases"
cp -R source "$release"
python3 -m venv "$release/.venv"
# --isolated: neither the environment nor a file of settings may name a registry.
"$release/.venv/bin/python" -m pip --isolated --quiet --disable-pip-version-check install \
    --no-deps --no-index --find-links wheels --only-binary :all: --require-hashes --no-cache-dir \
    --requirement requirements.txt
# The processes may not write here, and so could not keep compiled modules.
"$release/.venv/bin/python" -m compileall -q "$release" -x '/\.venv/'

random() {
    python3 -c 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(48)).decode())'
}
# Gathers the front-end files. It needs no secrets of the site, but the settings ask for some.
env -i PATH="$PATH" DJANGO_SETTINGS_MODULE=config.settings.base SECRET_KEY="$(random)" \
    ENCRYPTION_KEYS="v1:$(python3 -c \
        'import base64, secrets; print(base64.b64encode(secrets.token_bytes(32)).decode())')" \
    DATABASE_URL=postgresql://nobody@127.0.0.1:1/none ALLOWED_HOSTS=localhost \
    "$release/.venv/bin/python" "$release/manage.py" collectstatic --no-input --verbosity 0
touch "$release/.installed"

if [[ -e $folder/current ]]; then
    cat <<STEPS
Installed beside $(readlink -f "$folder/current"). To change over, make a backup, and then:

    $release/deploy/xuetang manage migrate
    ln -sfn releases/$version $folder/current
    systemctl restart xuetang-web xuetang-worker xuetang-beat

docs/operation.md, "Upgrade", says more.
STEPS
else
    ln -s "releases/$version" "$folder/current"
    cat <<STEPS
Installed. Next: settings and database, as docs/operation.md says from "Settings and database" on:

    $folder/current/deploy/configure.sh HOST
    $folder/current/deploy/create-database.sh
STEPS
fi
