-- Whether a waiting post may stand in a feed already, because somebody followed its author meanwhile, or because it is
-- looked at again: only then has each row to be compared with those that are there, a third of what PostgreSQL spends.
ALTER TABLE feed_tail ADD COLUMN again BOOLEAN NOT NULL DEFAULT FALSE;
