"""What is done on a machine. Standard library only, so that the same files run anywhere."""
