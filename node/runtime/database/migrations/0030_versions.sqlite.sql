-- The version of what pages show of a post or an account: the database counts it, so that no write can forget to.
-- What is rendered of a version stays in memory under it (docs/decisions/pages-of-posts.md). A fragment counts from its
-- second rendering on: the first is made in the transaction that made the post.
ALTER TABLE posts ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE actors ADD COLUMN version BIGINT NOT NULL DEFAULT 0;

CREATE TRIGGER posts_version AFTER UPDATE OF
  edited_ms, reply_to_id, reply_to_author_id, replies_count, boosts_count, favourites_count, extras, fragment ON posts
  WHEN OLD.edited_ms IS NOT NEW.edited_ms OR OLD.reply_to_id IS NOT NEW.reply_to_id OR
    OLD.reply_to_author_id IS NOT NEW.reply_to_author_id OR OLD.replies_count IS NOT NEW.replies_count OR
    OLD.boosts_count IS NOT NEW.boosts_count OR OLD.favourites_count IS NOT NEW.favourites_count OR
    OLD.extras IS NOT NEW.extras OR (OLD.fragment IS NOT NULL AND OLD.fragment IS NOT NEW.fragment)
  BEGIN UPDATE posts SET version = OLD.version + 1 WHERE id = OLD.id; END;
CREATE TRIGGER actors_version AFTER UPDATE OF
  updated_ms, followers_count, following_count, posts_count, last_post_ms, state, limited ON actors
  WHEN OLD.updated_ms IS NOT NEW.updated_ms OR OLD.followers_count IS NOT NEW.followers_count OR
    OLD.following_count IS NOT NEW.following_count OR OLD.posts_count IS NOT NEW.posts_count OR
    OLD.last_post_ms IS NOT NEW.last_post_ms OR OLD.state IS NOT NEW.state OR OLD.limited IS NOT NEW.limited
  BEGIN UPDATE actors SET version = OLD.version + 1 WHERE id = OLD.id; END;
