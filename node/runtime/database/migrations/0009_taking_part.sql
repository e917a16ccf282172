-- Approvals that authors elsewhere gave to answers and boosts of ours which had to wait (node/timeline/approvals.py).
CREATE TABLE approvals (
  post_id {id} PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
  uri TEXT NOT NULL,
  created_ms BIGINT NOT NULL
);

-- When and where an Event is held, and how one takes part (node/timeline/events.py); place is JSON.
CREATE TABLE events (
  post_id {id} PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
  starts_ms BIGINT,
  ends_ms BIGINT,
  timezone TEXT NOT NULL DEFAULT '',
  place TEXT NOT NULL DEFAULT '{}',
  online_url TEXT,
  join_mode TEXT NOT NULL DEFAULT '',
  join_url TEXT,
  status TEXT NOT NULL DEFAULT '',
  attendees BIGINT,
  max_attendees BIGINT
);
CREATE INDEX events_starts ON events (starts_ms);

-- Who of ours asked to take part in which event, and what was answered.
CREATE TABLE attendances (
  id {id} PRIMARY KEY,
  post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  uri TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  UNIQUE (post_id, actor_id)
);
CREATE INDEX attendances_actor ON attendances (actor_id, post_id);
