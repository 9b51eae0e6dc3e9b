"""The studio's HTTP server without a page: jobs, takes, tasks, made voices, and the routes that any door can mount."""
