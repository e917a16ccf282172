-- The history of a case file is only ever added to.

CREATE FUNCTION refuse_case_history_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the history of a case is never edited'; END $$;
CREATE TRIGGER case_events_kept BEFORE UPDATE ON case_events FOR EACH ROW EXECUTE FUNCTION refuse_case_history_change();
