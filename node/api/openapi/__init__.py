"""The description of the client API (OpenAPI 3.1), made of the table of routes and of what its handlers say in their code."""
