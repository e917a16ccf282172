-- The version of what pages show of a post or an account: the database counts it, so that no write can forget to.
-- What is rendered of a version stays in memory under it (docs/decisions/pages-of-posts.md). A fragment counts from its
-- second rendering on: the first is made in the transaction that made the post.
ALTER TABLE posts ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE actors ADD COLUMN version BIGINT NOT NULL DEFAULT 0;

CREATE FUNCTION next_version() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.version := OLD.version + 1; RETURN NEW; END $$;
CREATE TRIGGER posts_version BEFORE UPDATE ON posts FOR EACH ROW
  WHEN ((OLD.edited_ms, OLD.reply_to_id, OLD.reply_to_author_id, OLD.replies_count, OLD.boosts_count,
    OLD.favourites_count, OLD.extras)
    IS DISTINCT FROM (NEW.edited_ms, NEW.reply_to_id, NEW.reply_to_author_id, NEW.replies_count, NEW.boosts_count,
    NEW.favourites_count, NEW.extras)
    OR (OLD.fragment IS NOT NULL AND OLD.fragment IS DISTINCT FROM NEW.fragment))
  EXECUTE FUNCTION next_version();
CREATE TRIGGER actors_version BEFORE UPDATE ON actors FOR EACH ROW
  WHEN ((OLD.updated_ms, OLD.followers_count, OLD.following_count, OLD.posts_count, OLD.last_post_ms, OLD.state,
    OLD.limited)
    IS DISTINCT FROM (NEW.updated_ms, NEW.followers_count, NEW.following_count, NEW.posts_count, NEW.last_post_ms, NEW.state,
    NEW.limited))
  EXECUTE FUNCTION next_version();
