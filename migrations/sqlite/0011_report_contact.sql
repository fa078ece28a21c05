-- why: a line of the journal is never erased, and how to reach whoever sent a report is personal data, which must be.
--
-- Contacts move to records beside the reports, where they are dropped some days after the answer; a report keeps only that
-- there was one. This is the one time that lines are written anew: what must not stand there is taken out, nothing else.
-- A CHECK can not be changed here, so the table of records is made anew around them.

CREATE TABLE record_anew (
    kind    TEXT NOT NULL CHECK (kind IN ('account', 'session', 'setup', 'mapping', 'feed', 'feed_run', 'grid', 'photo',
                                          'contact', 'setting')),
    key     TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    version INTEGER NOT NULL CHECK (version > 0),
    at      TEXT NOT NULL,
    doc     TEXT NOT NULL CHECK (json_valid(doc)),
    blob    BLOB,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

INSERT INTO record_anew SELECT kind, key, version, at, doc, blob FROM record;
DROP TABLE record;
ALTER TABLE record_anew RENAME TO record;

INSERT INTO record (kind, key, version, at, doc)
SELECT 'contact', id, 1,
       (SELECT at FROM journal WHERE subject_kind = 'correction' AND subject_id = id ORDER BY revision LIMIT 1),
       json_object('contact', doc ->> '$.contact')
FROM correction WHERE doc ->> '$.contact' IS NOT NULL;

UPDATE correction SET doc = json_set(json_remove(doc, '$.contact'), '$.has_contact', json('true'))
WHERE doc ->> '$.contact' IS NOT NULL;

DROP TRIGGER journal_keeps_its_lines;

UPDATE journal SET change = json_set(json_remove(change, '$.before.contact'), '$.before.has_contact', json('true'))
WHERE subject_kind = 'correction' AND change ->> '$.before.contact' IS NOT NULL;

UPDATE journal SET change = json_set(json_remove(change, '$.after.contact'), '$.after.has_contact', json('true'))
WHERE subject_kind = 'correction' AND change ->> '$.after.contact' IS NOT NULL;

CREATE TRIGGER journal_keeps_its_lines BEFORE UPDATE ON journal
BEGIN
    SELECT RAISE(ABORT, 'the journal is never rewritten');
END;

-- Two indexes of the journal went with the old table when closures came.
CREATE INDEX IF NOT EXISTS journal_head ON journal (revision) WHERE revision = batch;
CREATE INDEX IF NOT EXISTS journal_actor ON journal (actor, revision, batch);
