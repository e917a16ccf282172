-- The history of agreements is written once: no hand, and no fault in the program, changes it.

CREATE TRIGGER agreement_events_kept BEFORE UPDATE ON agreement_events BEGIN SELECT RAISE(ABORT, 'the history of an agreement is never edited'); END;
CREATE TRIGGER agreement_events_stay BEFORE DELETE ON agreement_events BEGIN SELECT RAISE(ABORT, 'the history of an agreement is never deleted'); END;
