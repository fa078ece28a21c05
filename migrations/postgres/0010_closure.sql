-- why: roads close while people ask, and a closure is as much a fact of the district as a shelter: it has an author, a time
-- and a history, and every process on the store must hear of it.

CREATE TABLE closure (
    id              text COLLATE "C" PRIMARY KEY CHECK (length(id) = 14),
    revision        bigint NOT NULL CHECK (revision > 0),
    public_revision bigint NOT NULL CHECK (0 <= public_revision AND public_revision <= revision),
    doc             jsonb NOT NULL CHECK (doc ->> 'id' = id)
);

-- The journal takes a new kind of subject; its lines stay as they are.
ALTER TABLE journal DROP CONSTRAINT journal_subject_kind_check;
ALTER TABLE journal ADD CONSTRAINT journal_subject_kind_check
    CHECK (subject_kind IN ('resource', 'division', 'demand', 'correction', 'closure'));
