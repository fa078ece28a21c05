-- why: a line of the journal is never erased, and how to reach whoever sent a report is personal data, which must be.
--
-- Contacts move to records beside the reports, where they are dropped some days after the answer; a report keeps only that
-- there was one. This is the one time that lines are written anew: what must not stand there is taken out, nothing else.

ALTER TABLE record DROP CONSTRAINT record_kind_check;
ALTER TABLE record ADD CONSTRAINT record_kind_check
    CHECK (kind IN ('account', 'session', 'setup', 'mapping', 'feed', 'feed_run', 'grid', 'photo', 'contact', 'setting'));

INSERT INTO record (kind, key, version, at, doc)
SELECT 'contact', id, 1,
       (SELECT at FROM journal WHERE subject_kind = 'correction' AND subject_id = id ORDER BY revision LIMIT 1),
       jsonb_build_object('contact', doc ->> 'contact')
FROM correction WHERE doc ->> 'contact' IS NOT NULL;

UPDATE correction SET doc = jsonb_set(doc - 'contact', '{has_contact}', 'true') WHERE doc ->> 'contact' IS NOT NULL;

ALTER TABLE journal DISABLE TRIGGER journal_keeps_its_lines;

UPDATE journal SET change = jsonb_set(change::jsonb #- '{before,contact}', '{before,has_contact}', 'true')::json
WHERE subject_kind = 'correction' AND change #>> '{before,contact}' IS NOT NULL;

UPDATE journal SET change = jsonb_set(change::jsonb #- '{after,contact}', '{after,has_contact}', 'true')::json
WHERE subject_kind = 'correction' AND change #>> '{after,contact}' IS NOT NULL;

ALTER TABLE journal ENABLE TRIGGER journal_keeps_its_lines;
