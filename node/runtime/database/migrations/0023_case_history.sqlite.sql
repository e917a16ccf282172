-- The history of a case file is only ever added to.

CREATE TRIGGER case_events_kept BEFORE UPDATE ON case_events BEGIN SELECT RAISE(ABORT, 'the history of a case is never edited'); END;
