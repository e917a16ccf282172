-- Private talks: for each actor here, one row for each circle of people in a thread, and which posts are in it.
-- participants: their ids in order, joined by commas, without the actor's own.
CREATE TABLE conversations (
  id {id} PRIMARY KEY,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  thread_id BIGINT NOT NULL,
  participants TEXT NOT NULL,
  last_post_id BIGINT NOT NULL,
  unread BOOLEAN NOT NULL DEFAULT FALSE,
  UNIQUE (actor_id, thread_id, participants)
);
CREATE INDEX conversations_list ON conversations (actor_id, last_post_id);
CREATE INDEX conversations_thread ON conversations (thread_id);
CREATE INDEX conversations_last ON conversations (last_post_id);

CREATE TABLE conversation_posts (
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
  conversation_id BIGINT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  PRIMARY KEY (actor_id, post_id)
) {without_rowid};
CREATE INDEX conversation_posts_post ON conversation_posts (post_id);
CREATE INDEX conversation_posts_conversation ON conversation_posts (conversation_id, post_id);

-- What was said before. Numbers in sequence are their ids: those of new ones are far above.
CREATE TABLE carried_over AS
SELECT h.actor_id, h.post_id, h.thread_id, COALESCE((SELECT STRING_AGG(o.id::text, ',' ORDER BY o.id) FROM (
  SELECT others.id AS id FROM (
    SELECT m.actor_id AS id FROM post_mentions m WHERE m.post_id = h.post_id AND NOT m.silent
    UNION SELECT h.author_id) AS others
  WHERE others.id <> h.actor_id ORDER BY others.id) AS o), '') AS participants
FROM (
  SELECT p.author_id AS actor_id, p.id AS post_id, p.thread_id AS thread_id, p.author_id AS author_id FROM posts p
    WHERE p.visibility = 'direct' AND p.local AND p.boost_of_id IS NULL
  UNION SELECT m.actor_id, p.id, p.thread_id, p.author_id FROM posts p
    JOIN post_mentions m ON m.post_id = p.id AND NOT m.silent JOIN actors a ON a.id = m.actor_id
    WHERE p.visibility = 'direct' AND p.boost_of_id IS NULL AND a.domain_id IS NOT NULL) AS h;
INSERT INTO conversations (id, actor_id, thread_id, participants, last_post_id, unread)
SELECT ROW_NUMBER() OVER (ORDER BY MAX(post_id), actor_id), actor_id, thread_id, participants, MAX(post_id), FALSE
FROM carried_over GROUP BY actor_id, thread_id, participants;
INSERT INTO conversation_posts (actor_id, post_id, conversation_id)
SELECT o.actor_id, o.post_id, c.id FROM carried_over o
JOIN conversations c ON c.actor_id = o.actor_id AND c.thread_id = o.thread_id AND c.participants = o.participants;
DROP TABLE carried_over;
