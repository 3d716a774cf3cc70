"""The session engine: reads a browser's session and its account in one statement.

Every request of a signed-in user starts with these two. With a plan cached per connection, this
costs one short query instead of two long ones. Own pages of many members are served at 0.83 of the
rate without it (medians of 11 turns).
"""

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.backends import BACKEND, may_enter
from accounts.models import BrowserSession, User
from config.lib.prepared import PreparedStatement
from config.lib.rows import select_named

# The characters of session keys. A cookie may contain others, even some that the database rejects.
_SIGNS = frozenset(VALID_KEY_CHARS)
_SESSION = ("session_key", "session_data", "expire_date", "user_id")
_ACCOUNT = [field.attname for field in User._meta.concrete_fields]
_COLUMNS = [f"s.{name}" for name in _SESSION]
_COLUMNS += [f"account.{name} AS account_{name}" for name in _ACCOUNT]
# What else is read about the account, by name: expressions of SQL over `account`.
_beside: dict[str, str] = {}


def register_beside_account(name: str, sql: str) -> None:
    """Read `sql` with each session, for what every page shows; called at start-up.

    It is about the row `account` and must cost no more than a look into an index.
    """
    _beside[name] = sql


def _read_sql() -> str:
    beside = [f"({sql}) AS beside_{name}" for name, sql in _beside.items()]
    return f"""
    SELECT {", ".join(_COLUMNS + beside)} FROM accounts_browsersession s
    LEFT JOIN accounts_user account ON account.id = s.user_id
    WHERE s.session_key = %(key)s AND s.expire_date > %(now)s
    """  # noqa: S608 - names of columns, and SQL of our own


_READ = PreparedStatement(_read_sql, key="text", now="timestamptz")


class SessionStore(DatabaseSessionStore):
    """Django's database sessions, each loaded with its account.

    `account` is the row that was read with the session, whatever its rights, and `beside` what apps
    read with it (`register_beside_account`). They are None before the session was read, and for a
    session without sign-in.
    """

    account: User | None = None
    beside: dict[str, Any] | None = None

    @classmethod
    def get_model_class(cls) -> type[BrowserSession]:
        """The model of the sessions."""
        return BrowserSession

    def create_model_instance(self, data: dict[str, Any]) -> BrowserSession:
        """The session row for these data."""
        row = super().create_model_instance(data)
        assert isinstance(row, BrowserSession)  # noqa: S101 - of `get_model_class`
        row.user_id = data.get(SESSION_KEY)
        return row

    def _get_session_from_db(self) -> BrowserSession | None:
        key, row = self.session_key or "", None
        if set(key) <= _SIGNS:
            row = select_named(_READ, {"key": key, "now": timezone.now()})
        if row is None:
            self._session_key = None
            return None
        if row["user_id"] is not None:
            account = [row[f"account_{name}"] for name in _ACCOUNT]
            self.account = User.from_db(DEFAULT_DB_ALIAS, _ACCOUNT, account)
            self.beside = {name: row[f"beside_{name}"] for name in _beside}
        session = [row[name] for name in _SESSION]
        return BrowserSession.from_db(DEFAULT_DB_ALIAS, _SESSION, session)


def find_account(session: SessionStore) -> User | None:
    """The account read with the session, if the session may certainly use it.

    None in all other cases: nobody is signed in; it is another, a disabled or a demo account; the
    password or `User.session_epoch` changed; or the session is signed with a former secret. Then
    Django decides (`django.contrib.auth.get_user`).
    """
    key = session.get(SESSION_KEY)  # reads the row, including the account
    account = session.account
    is_ours = session.get(BACKEND_SESSION_KEY) == BACKEND in settings.AUTHENTICATION_BACKENDS
    if account is None or str(account.pk) != key or not is_ours:
        return None
    given = session.get(HASH_SESSION_KEY, "")
    fits = constant_time_compare(given, account.get_session_auth_hash())
    return account if fits and may_enter(account) else None
