"""Posts and who may read them: publishing, threads, the lists that readers open, and what they do with a post."""
