-- why: everything that ever changed, in one line of numbers without gaps, and nothing else decides what "now" is.
--
-- The counter is one row. A writer holds the write lock while it takes numbers from it, so numbers become visible in the
-- order in which they were taken; a follower that asks for "after 11" can not miss 10. (An AUTOINCREMENT would do the
-- same here; the counter is kept so that both databases tell one story, and because there are two numbers to keep: the
-- public one moves only when the public can see a difference.)

CREATE TABLE counter (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    revision        INTEGER NOT NULL,
    public_revision INTEGER NOT NULL,
    CHECK (0 <= public_revision AND public_revision <= revision)
) STRICT;

INSERT INTO counter (id, revision, public_revision) VALUES (1, 0, 0);

-- One line per change. `batch` is the first revision of the lines that became durable together. `change` holds the thing
-- before and after, whole: undo, audit and "as of" need nothing else. `remains` tells
-- whether anything is there after it, so that a look back need not open every change.
CREATE TABLE journal (
    revision       INTEGER PRIMARY KEY CHECK (revision > 0),
    batch          INTEGER NOT NULL CHECK (0 < batch AND batch <= revision),
    actor          TEXT NOT NULL,
    at             TEXT NOT NULL,
    reason         TEXT,
    subject_kind   TEXT NOT NULL CHECK (subject_kind IN ('resource', 'division', 'demand', 'correction')),
    subject_id     TEXT NOT NULL,
    touches_public INTEGER NOT NULL CHECK (touches_public IN (0, 1)),
    remains        INTEGER NOT NULL CHECK (remains IN (0, 1)),
    change         TEXT NOT NULL CHECK (json_valid(change) AND change ->> '$.subject' = subject_kind)
) STRICT;

CREATE INDEX journal_subject ON journal (subject_kind, subject_id, revision, touches_public, remains);
CREATE INDEX journal_batch ON journal (batch);
CREATE INDEX journal_at ON journal (at);

-- What was written stays written.
CREATE TRIGGER journal_keeps_its_lines BEFORE UPDATE ON journal
BEGIN
    SELECT RAISE(ABORT, 'the journal is never rewritten');
END;

CREATE TRIGGER journal_loses_no_line BEFORE DELETE ON journal
BEGIN
    SELECT RAISE(ABORT, 'the journal is never rewritten');
END;
