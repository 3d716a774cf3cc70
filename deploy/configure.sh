#!/bin/bash
# configure.sh HOST [DATABASE-SERVER [REDIS-SERVER]]: writes the settings of a new site, with fresh
# secrets, to /etc/xuetang (XUETANG_CONFIG names another folder). Overwrites nothing. Both servers are
# 127.0.0.1 unless named.
set -euo pipefail

here=$(cd -P "$(dirname "$(readlink -f "$0")")" && pwd)
folder=${XUETANG_CONFIG:-/etc/xuetang}
host=${1:-}
if [[ ! $host =~ ^[A-Za-z0-9.-]+$ ]]; then
    echo "Usage: configure.sh HOST, such as xuetang.example.cn" >&2
    exit 2
fi
for file in env owner.env; do
    if [[ -e $folder/$file ]]; then
        echo "$folder/$file is there already, and stays as it is." >&2
        exit 1
    fi
done

install -d -m 0755 "$folder"
umask 0077
python3 - "$here" "$folder" "$host" "${2:-127.0.0.1}" "${3:-127.0.0.1}" <<'PYTHON'
import base64
import secrets
import sys
from pathlib import Path

here, folder, host, database_host, redis_host = sys.argv[1:]
values = {
    "@SECRET_KEY@": secrets.token_urlsafe(64),
    "@ENCRYPTION_KEYS@": "v1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
    "@DIGEST_KEY@": base64.b64encode(secrets.token_bytes(32)).decode(),
    "@APPLICATION_PASSWORD@": secrets.token_urlsafe(24),
    "@OWNER_PASSWORD@": secrets.token_urlsafe(24),
    "@HOST@": host,
    "@DATABASE_HOST@": database_host,
    "@REDIS_HOST@": redis_host,
}
for name in ("env", "owner.env"):
    text = Path(here, f"{name}.example").read_text()
    for mark, value in values.items():
        text = text.replace(mark, value)
    with Path(folder, name).open("x") as file:
        file.write(text)
PYTHON
echo "Wrote $folder/env and $folder/owner.env. Keep a copy of ENCRYPTION_KEYS and DIGEST_KEY in a safe place."
