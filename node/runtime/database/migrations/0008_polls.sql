-- What hangs on a post beside its text (node/timeline/extras.py), so that a page without any asks for none.
ALTER TABLE posts ADD COLUMN extras BIGINT NOT NULL DEFAULT 0;

-- Who may answer, like, boost and quote it, as its author says (node/timeline/policies.py); empty: nothing was said.
ALTER TABLE posts ADD COLUMN policy TEXT NOT NULL DEFAULT '';

-- What a Question asks. ends_ms: when it closes, or closed; told: its end was told.
CREATE TABLE polls (
  post_id {id} PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
  multiple BOOLEAN NOT NULL,
  hides_totals BOOLEAN NOT NULL DEFAULT FALSE,
  ends_ms BIGINT,
  told BOOLEAN NOT NULL DEFAULT FALSE,
  voters_count BIGINT,
  fetched_ms BIGINT
);

CREATE TABLE poll_options (
  post_id BIGINT NOT NULL REFERENCES polls (post_id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  title TEXT NOT NULL,
  votes BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (post_id, position)
) {without_rowid};

-- Who chose what: shown to the voter alone.
CREATE TABLE poll_votes (
  id {id} PRIMARY KEY,
  post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  choice INTEGER NOT NULL,
  uri TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  UNIQUE (post_id, actor_id, choice)
);
CREATE INDEX poll_votes_actor ON poll_votes (actor_id);
