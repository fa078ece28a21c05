-- why: who may write, and what became of a request whose answer was lost on the way.
--
-- Of a token only the hash is kept; whoever reads this table can not write with it. A receipt is written in the
-- transaction that carries the request out, so that a retry is told of the first outcome and nothing is written twice.

CREATE TABLE token (
    id         text PRIMARY KEY,
    hash       text NOT NULL UNIQUE CHECK (length(hash) = 64),
    name       text NOT NULL,
    role       text NOT NULL
               CHECK (role IN ('public', 'reporter', 'editor', 'dispatcher', 'planner', 'steward', 'admin')),
    scope      text CHECK (length(scope) = 12),
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz
);

CREATE TABLE receipt (
    key            text PRIMARY KEY,
    fingerprint    text NOT NULL,
    first_revision bigint NOT NULL CHECK (first_revision > 0),
    last_revision  bigint NOT NULL CHECK (last_revision >= first_revision),
    at             timestamptz NOT NULL
);
