-- why: what lies on the desk beside the map: reports that it is wrong, and the small things that are kept and replaced
-- whole.
--
-- A report is a subject of the journal like a resource: it is never lost, other processes hear of it, and its answer is
-- on the record.

CREATE TABLE correction (
    id              text COLLATE "C" PRIMARY KEY CHECK (length(id) = 14),
    revision        bigint NOT NULL CHECK (revision > 0),
    public_revision bigint NOT NULL CHECK (0 <= public_revision AND public_revision <= revision),
    doc             jsonb NOT NULL CHECK (doc ->> 'id' = id),
    resource        text NOT NULL GENERATED ALWAYS AS (doc ->> 'resource') STORED,
    state           text NOT NULL GENERATED ALWAYS AS (doc ->> 'state') STORED
                    CHECK (state IN ('open', 'accepted', 'rejected'))
);

-- Accounts, sessions, column mappings, feeds and their runs, fitted grids, photographs, settings. They are no part of
-- the district's picture and so no part of the journal: a password's hash must not stand in a book that is never
-- rewritten, and a session is gone when it is over. `version` grows by one with every write, so that of two authors who
-- looked at the same version one is told.
CREATE TABLE record (
    kind    text NOT NULL CHECK (kind IN ('account', 'session', 'setup', 'mapping', 'feed', 'feed_run', 'grid', 'photo',
                                          'setting')),
    key     text COLLATE "C" NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    version bigint NOT NULL CHECK (version > 0),
    at      timestamptz NOT NULL,
    doc     jsonb NOT NULL,
    blob    bytea,
    PRIMARY KEY (kind, key)
);
