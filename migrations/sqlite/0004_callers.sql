-- why: who may write, and what became of a request whose answer was lost on the way.
--
-- Of a token only the hash is kept; whoever reads this table can not write with it. A receipt is written in the
-- transaction that carries the request out, so that a retry is told of the first outcome and nothing is written twice.

CREATE TABLE token (
    id         TEXT PRIMARY KEY,
    hash       TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
    name       TEXT NOT NULL,
    role       TEXT NOT NULL
               CHECK (role IN ('public', 'reporter', 'editor', 'dispatcher', 'planner', 'steward', 'admin')),
    scope      TEXT CHECK (length(scope) = 12),
    created_at TEXT NOT NULL,
    expires_at TEXT,
    revoked_at TEXT
) STRICT;

CREATE TABLE receipt (
    key            TEXT PRIMARY KEY,
    fingerprint    TEXT NOT NULL,
    first_revision INTEGER NOT NULL CHECK (first_revision > 0),
    last_revision  INTEGER NOT NULL CHECK (last_revision >= first_revision),
    at             TEXT NOT NULL
) STRICT;
