-- What an account does not want to see or hear, for itself alone: told to nobody.

-- tastes: which of all this it has any of, as bits (node/actors/tastes.py): a page asks only for what there is.
ALTER TABLE actors ADD COLUMN tastes BIGINT NOT NULL DEFAULT 0;

-- expires_ms: nothing, for ever.
CREATE TABLE mutes (
  id {id} PRIMARY KEY,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  target_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  notifications BOOLEAN NOT NULL DEFAULT TRUE,
  expires_ms BIGINT,
  created_ms BIGINT NOT NULL,
  UNIQUE (actor_id, target_id)
);
CREATE INDEX mutes_actor ON mutes (actor_id, id);
CREATE INDEX mutes_target ON mutes (target_id);
CREATE INDEX mutes_expiry ON mutes (expires_ms) WHERE expires_ms IS NOT NULL;

CREATE TABLE account_notes (
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  target_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  words TEXT NOT NULL,
  PRIMARY KEY (actor_id, target_id)
);
CREATE INDEX account_notes_target ON account_notes (target_id);

CREATE TABLE host_blocks (
  id {id} PRIMARY KEY,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  host TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  UNIQUE (actor_id, host)
);
CREATE INDEX host_blocks_actor ON host_blocks (actor_id, id);

-- thread_id: of posts; a conversation whose beginning is found later takes another number, and its mutes with it.
CREATE TABLE thread_mutes (
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  thread_id BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  PRIMARY KEY (actor_id, thread_id)
);
CREATE INDEX thread_mutes_thread ON thread_mutes (thread_id);
