"""Several people, one account: roles, posts that wait for approval, the desk."""
