"""The HTTP server, without any page: jobs, takes, tasks, and the routes that answer with them."""
