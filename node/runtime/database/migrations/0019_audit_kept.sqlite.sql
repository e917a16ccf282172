-- The log of who did what is written once: no hand, and no fault in the program, changes it.

CREATE TRIGGER audit_kept BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the log of who did what is never edited'); END;
CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the log of who did what is never deleted'); END;
CREATE TRIGGER audit_seals_kept BEFORE UPDATE ON audit_seals BEGIN SELECT RAISE(ABORT, 'the log of who did what is never edited'); END;
CREATE TRIGGER audit_seals_stay BEFORE DELETE ON audit_seals BEGIN SELECT RAISE(ABORT, 'the log of who did what is never deleted'); END;
