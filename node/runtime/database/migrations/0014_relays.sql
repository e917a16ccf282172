-- Servers that pass public posts on, each asked by an instance actor (actor_id), for the people of its service host. style: mastodon (Follow of as:Public) or litepub (Follow of the relay's actor).
-- state: asked, accepted, refused. actor_uri: who speaks for the relay; of a Mastodon-style one known from its answer.
CREATE TABLE relays (
  id {id} PRIMARY KEY,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  style TEXT NOT NULL,
  inbox TEXT NOT NULL,
  actor_uri TEXT,
  follow_uri TEXT NOT NULL,
  state TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  changed_ms BIGINT NOT NULL,
  UNIQUE (actor_id, inbox)
);
