-- Lists of one's own; those of territories have no rows. actor_id stands with each member too: whose list it is.
CREATE TABLE lists (
  id {id} PRIMARY KEY,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  title TEXT NOT NULL,
  replies TEXT NOT NULL,
  exclusive BOOLEAN NOT NULL DEFAULT FALSE,
  created_ms BIGINT NOT NULL
);
CREATE INDEX lists_actor ON lists (actor_id, id);

CREATE TABLE list_members (
  id {id} PRIMARY KEY,
  list_id BIGINT NOT NULL REFERENCES lists (id) ON DELETE CASCADE,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  target_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  UNIQUE (list_id, target_id)
);
CREATE INDEX list_members_page ON list_members (list_id, id);
CREATE INDEX list_members_actor ON list_members (actor_id, target_id);
CREATE INDEX list_members_target ON list_members (target_id);

CREATE TABLE tag_follows (
  id {id} PRIMARY KEY,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  tag_id BIGINT NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
  created_ms BIGINT NOT NULL,
  UNIQUE (actor_id, tag_id)
);
CREATE INDEX tag_follows_tag ON tag_follows (tag_id, actor_id);
CREATE INDEX tag_follows_page ON tag_follows (actor_id, id);

-- Shown on the profile.
CREATE TABLE featured_tags (
  id {id} PRIMARY KEY,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  tag_id BIGINT NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  UNIQUE (actor_id, tag_id)
);
CREATE INDEX featured_tags_tag ON featured_tags (tag_id);

CREATE TABLE endorsements (
  id {id} PRIMARY KEY,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  target_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  created_ms BIGINT NOT NULL,
  UNIQUE (actor_id, target_id)
);
CREATE INDEX endorsements_page ON endorsements (actor_id, id);
CREATE INDEX endorsements_target ON endorsements (target_id);

-- Whom an account does not want to be told to follow.
CREATE TABLE declined_suggestions (
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  target_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  PRIMARY KEY (actor_id, target_id)
);
CREATE INDEX declined_suggestions_target ON declined_suggestions (target_id);
