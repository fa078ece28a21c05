-- why: roads close while people ask, and a closure is as much a fact of the district as a shelter: it has an author, a time
-- and a history, and every process on the store must hear of it.
--
-- The journal takes a new kind of subject. SQLite can not change a CHECK, so the table is made anew around its lines; they
-- are copied as they stand, under the same rules.

CREATE TABLE closure (
    id              TEXT PRIMARY KEY CHECK (length(id) = 14),
    revision        INTEGER NOT NULL CHECK (revision > 0),
    public_revision INTEGER NOT NULL CHECK (0 <= public_revision AND public_revision <= revision),
    doc             TEXT NOT NULL CHECK (json_valid(doc) AND doc ->> '$.id' = id)
) STRICT;

DROP TRIGGER journal_keeps_its_lines;
DROP TRIGGER journal_loses_no_line;

CREATE TABLE journal_anew (
    revision       INTEGER PRIMARY KEY CHECK (revision > 0),
    batch          INTEGER NOT NULL CHECK (0 < batch AND batch <= revision),
    actor          TEXT NOT NULL,
    at             TEXT NOT NULL,
    reason         TEXT,
    subject_kind   TEXT NOT NULL CHECK (subject_kind IN ('resource', 'division', 'demand', 'correction', 'closure')),
    subject_id     TEXT NOT NULL,
    touches_public INTEGER NOT NULL CHECK (touches_public IN (0, 1)),
    remains        INTEGER NOT NULL CHECK (remains IN (0, 1)),
    change         TEXT NOT NULL CHECK (json_valid(change) AND change ->> '$.subject' = subject_kind)
) STRICT;

INSERT INTO journal_anew
SELECT revision, batch, actor, at, reason, subject_kind, subject_id, touches_public, remains, change FROM journal;

DROP TABLE journal;
ALTER TABLE journal_anew RENAME TO journal;

CREATE INDEX journal_subject ON journal (subject_kind, subject_id, revision, touches_public, remains);
CREATE INDEX journal_batch ON journal (batch);
CREATE INDEX journal_at ON journal (at);

CREATE TRIGGER journal_keeps_its_lines BEFORE UPDATE ON journal
BEGIN
    SELECT RAISE(ABORT, 'the journal is never rewritten');
END;

CREATE TRIGGER journal_loses_no_line BEFORE DELETE ON journal
BEGIN
    SELECT RAISE(ABORT, 'the journal is never rewritten');
END;
