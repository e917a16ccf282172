-- How far an activity got, in servers: distinct hosts of its audience; and those to which nothing of it is sent any
-- more, and which have no row (lost).
ALTER TABLE delivery_orders ADD COLUMN type TEXT NOT NULL DEFAULT '';
ALTER TABLE delivery_orders ADD COLUMN servers INTEGER NOT NULL DEFAULT 0;
ALTER TABLE delivery_orders ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;
UPDATE delivery_orders SET type = 'Create', servers = total, lost = dead - (
  SELECT COUNT(*) FROM deliveries d WHERE d.order_id = delivery_orders.id AND d.state = 'dead')
  WHERE post_id IS NOT NULL AND activity_id LIKE '%/activity';

-- Whether what is sent to shared inboxes says who the followers there are (FEP-8fcf).
ALTER TABLE delivery_orders ADD COLUMN synchronize BOOLEAN NOT NULL DEFAULT FALSE;

-- How far a post got, once its orders are forgotten.
CREATE TABLE post_reach (
  post_id {id} PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
  servers INTEGER NOT NULL,
  reached INTEGER NOT NULL
);
