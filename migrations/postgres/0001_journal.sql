-- why: everything that ever changed, in one line of numbers without gaps, and nothing else decides what "now" is.
--
-- The counter is one row, and not a sequence. A writer locks it, takes its numbers and commits, so numbers become visible
-- in the order in which they were taken. A sequence hands numbers out before the commit: a follower that asks for
-- "after 11" while 10 is still on its way would miss 10 for ever. The public number moves only when the public can see a
-- difference.

CREATE TABLE counter (
    id              integer PRIMARY KEY CHECK (id = 1),
    revision        bigint NOT NULL,
    public_revision bigint NOT NULL,
    CHECK (0 <= public_revision AND public_revision <= revision)
);

INSERT INTO counter (id, revision, public_revision) VALUES (1, 0, 0);

-- One line per change. `batch` is the first revision of the lines that became durable together. `change` holds the thing
-- before and after, whole: undo, audit and "as of" need nothing else. `remains` tells
-- whether anything is there after it, so that a look back need not open every change. It is `json` and not `jsonb`: evidence is kept
-- byte for byte as it was written.
CREATE TABLE journal (
    revision       bigint PRIMARY KEY CHECK (revision > 0),
    batch          bigint NOT NULL CHECK (0 < batch AND batch <= revision),
    actor          text NOT NULL,
    at             timestamptz NOT NULL,
    reason         text,
    subject_kind   text NOT NULL CHECK (subject_kind IN ('resource', 'division', 'demand', 'correction')),
    subject_id     text COLLATE "C" NOT NULL,
    touches_public boolean NOT NULL,
    remains        boolean NOT NULL,
    change         json NOT NULL CHECK (change ->> 'subject' = subject_kind)
);

CREATE INDEX journal_subject ON journal (subject_kind, subject_id, revision, touches_public, remains);
CREATE INDEX journal_batch ON journal (batch);
CREATE INDEX journal_at ON journal (at);

-- What was written stays written.
CREATE FUNCTION journal_is_never_rewritten() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is never rewritten';
END
$$;

CREATE TRIGGER journal_keeps_its_lines BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
FOR EACH STATEMENT EXECUTE FUNCTION journal_is_never_rewritten();
