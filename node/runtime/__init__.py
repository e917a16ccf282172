"""What every room stands on: database, jobs, network, storage, text, settings. It knows nothing of towns."""
