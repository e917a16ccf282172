-- Posts that a contributor wrote and nobody approved yet. While one waits, its row in posts is a direct post that names
-- nobody (only its author's account reads it); here stands what it shall be, and afterwards what became of it.

-- id: the id that the client was given. visibility: the one it was written for. state: waiting, refused or published.
-- wanted: JSON, the rest of the draft. decided_by_id: who approved or refused it.
CREATE TABLE waiting_posts (
  id {id} PRIMARY KEY,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  person_id BIGINT REFERENCES people (id) ON DELETE SET NULL,
  visibility TEXT NOT NULL,
  state TEXT NOT NULL,
  wanted TEXT NOT NULL DEFAULT '{}',
  reason TEXT NOT NULL DEFAULT '',
  decided_by_id BIGINT REFERENCES people (id) ON DELETE SET NULL,
  decided_ms BIGINT,
  published_id BIGINT REFERENCES posts (id) ON DELETE CASCADE,
  created_ms BIGINT NOT NULL
);
CREATE INDEX waiting_posts_actor ON waiting_posts (actor_id, id) WHERE state <> 'published';
CREATE INDEX waiting_posts_published ON waiting_posts (published_id) WHERE published_id IS NOT NULL;
CREATE INDEX waiting_posts_person ON waiting_posts (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX waiting_posts_decided ON waiting_posts (decided_by_id) WHERE decided_by_id IS NOT NULL;
