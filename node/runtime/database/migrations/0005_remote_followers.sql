-- Whether the follower lives on another server, which never changes: deliveries go to these, home feeds to the others.
-- Asking each follower's own row cost a post with a thousand followers here 2 ms, though none of them was remote.
ALTER TABLE follows ADD COLUMN remote BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE follows SET remote = TRUE WHERE follower_id IN (SELECT id FROM actors WHERE domain_id IS NULL);
DROP INDEX follows_readers;
CREATE INDEX follows_readers ON follows (followee_id, follower_id) WHERE state = 'accepted' AND NOT remote;
CREATE INDEX follows_remote ON follows (followee_id, follower_id) WHERE state = 'accepted' AND remote;
