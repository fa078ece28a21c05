-- why: a token must not outlive the right of whoever made it.
--
-- Who made it is the name in the journal of an account or of another token. It is unknown for the tokens that were made
-- before this, and empty for those made on the command line: whoever runs that owns the store.

ALTER TABLE token ADD COLUMN created_by text;
