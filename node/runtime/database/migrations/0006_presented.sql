-- Whom the first page of a domain presents: reading every account of the domain to show sixty cost a node with thousands
-- of them a walk for each visitor.
CREATE INDEX actors_presented ON actors (domain_id, id)
  WHERE state = 'active' AND discoverable AND NOT limited AND kind <> 'instance' AND domain_id IS NOT NULL
  AND type IN ('Organization', 'Group');
CREATE INDEX actors_presented_people ON actors (domain_id, id)
  WHERE state = 'active' AND discoverable AND NOT limited AND kind <> 'instance' AND domain_id IS NOT NULL
  AND type NOT IN ('Organization', 'Group');
