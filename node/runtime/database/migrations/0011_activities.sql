-- Who moved to which other account, proved by both sides; the latest move of each.
CREATE TABLE moves (
  actor_id {id} PRIMARY KEY REFERENCES actors (id) ON DELETE CASCADE,
  target_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  uri TEXT NOT NULL,
  moved_ms BIGINT NOT NULL
);
CREATE INDEX moves_target ON moves (target_id);

-- What somebody told the keepers of an account and its posts. reporter: the instance actor of another server, or one of
-- ours. repeats: how often more it was told since, by the same server about the same account.
CREATE TABLE reports (
  id {id} PRIMARY KEY,
  uri TEXT NOT NULL,
  reporter_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  reporter_host TEXT NOT NULL,
  target_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  posts TEXT NOT NULL DEFAULT '[]',
  comment TEXT NOT NULL DEFAULT '',
  category TEXT NOT NULL DEFAULT 'other',
  state TEXT NOT NULL DEFAULT 'open',
  forwarded BOOLEAN NOT NULL DEFAULT FALSE,
  repeats INTEGER NOT NULL DEFAULT 0,
  created_ms BIGINT NOT NULL,
  closed_ms BIGINT
);
CREATE INDEX reports_open ON reports (id) WHERE state = 'open';
CREATE INDEX reports_target ON reports (target_id, id);
CREATE INDEX reports_host ON reports (reporter_host, created_ms);
CREATE INDEX reports_reporter ON reports (reporter_id);

-- When the conversation around a stranger's post was last read at its server.
CREATE TABLE thread_reads (
  post_id {id} PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
  read_ms BIGINT NOT NULL
);
