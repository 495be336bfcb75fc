"""The node: the composition root, the processes it supervises, and its web application."""
