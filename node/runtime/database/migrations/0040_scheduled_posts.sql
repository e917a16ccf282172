-- Posts that are to be published later. Nobody reads one but the team of its account: there is no row in posts until its time.

-- at_ms: when it shall be published. draft: JSON, what it shall be (node/timeline/drafts.py). failure: why it was not, at its time;
-- such a row stays until somebody gives it another time or throws it away.
CREATE TABLE scheduled_posts (
  id {id} PRIMARY KEY,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  person_id BIGINT REFERENCES people (id) ON DELETE SET NULL,
  at_ms BIGINT NOT NULL,
  draft TEXT NOT NULL,
  failure TEXT NOT NULL DEFAULT '',
  idempotency_key TEXT,
  created_ms BIGINT NOT NULL
);
CREATE INDEX scheduled_posts_actor ON scheduled_posts (actor_id, id);
CREATE INDEX scheduled_posts_person ON scheduled_posts (person_id) WHERE person_id IS NOT NULL;
CREATE UNIQUE INDEX scheduled_posts_key ON scheduled_posts (actor_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- The file waits for that post: it is neither swept up nor anybody else's meanwhile.
ALTER TABLE media ADD COLUMN scheduled_id BIGINT REFERENCES scheduled_posts (id) ON DELETE SET NULL;
CREATE INDEX media_scheduled ON media (scheduled_id, position) WHERE scheduled_id IS NOT NULL;

-- state: ready, or drawing: the picture of a film is being made by a job. duration_ms: of films and sounds, as far as it is known.
ALTER TABLE media ADD COLUMN state TEXT NOT NULL DEFAULT 'ready';
ALTER TABLE media ADD COLUMN duration_ms BIGINT;
