-- Who may reply, and posts that wait for somebody's yes before anybody else sees them.

-- held: shown to nobody but its author (node/timeline/visibility.py), until it is let through.
ALTER TABLE posts ADD COLUMN held BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX posts_held ON posts (id) WHERE held;

-- The rule of new posts, by visibility, in JSON (node/timeline/replies.py); empty: everybody may reply.
ALTER TABLE actors ADD COLUMN replies TEXT NOT NULL DEFAULT '';

-- Why a post is held, and who judges: the team of owner_id; nobody's team: the node's moderators, or a job.
-- governing_id is the post of ours whose rule holds it; body is the activity that brought it, if it is signed.
CREATE TABLE held_posts (
  post_id {id} PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
  owner_id BIGINT REFERENCES actors (id) ON DELETE CASCADE,
  governing_id BIGINT REFERENCES posts (id) ON DELETE CASCADE,
  reason TEXT NOT NULL,
  state TEXT NOT NULL,
  request TEXT NOT NULL DEFAULT '',
  body {blob},
  created_ms BIGINT NOT NULL,
  judged_ms BIGINT
);
CREATE INDEX held_posts_owner ON held_posts (owner_id, state, post_id) WHERE owner_id IS NOT NULL;
CREATE INDEX held_posts_governing ON held_posts (governing_id) WHERE governing_id IS NOT NULL;

-- Consent that authors of ours gave to replies: a document at {author}/reply_authorizations/{id}.
CREATE TABLE reply_stamps (
  id {id} PRIMARY KEY,
  answered_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
  replier_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  reply_uri TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  revoked_ms BIGINT,
  UNIQUE (answered_id, reply_uri)
);
CREATE INDEX reply_stamps_replier ON reply_stamps (replier_id);
