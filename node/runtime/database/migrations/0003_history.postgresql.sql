-- The history of agreements is written once: no hand, and no fault in the program, changes it.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the history of an agreement is never edited nor deleted'; END $$;
CREATE TRIGGER agreement_events_kept BEFORE UPDATE OR DELETE ON agreement_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER agreement_events_stay BEFORE TRUNCATE ON agreement_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
