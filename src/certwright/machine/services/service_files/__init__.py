"""Files of a service: read, and replaced in one step with the former content kept."""
