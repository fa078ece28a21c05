-- why: turning the pages of a long journal, all of it or one author's, must not mean reading it.
--
-- The duty log shows one line for each batch: the first. Of a store with a few imports in it, one line in thousands is
-- such a line, so they have an index of their own. What one author did is found by name. Times need no index here: the
-- journal is in order of time, and a moment is found in it by halving.

CREATE INDEX journal_head ON journal (revision) WHERE revision = batch;
CREATE INDEX journal_actor ON journal (actor, revision, batch);
