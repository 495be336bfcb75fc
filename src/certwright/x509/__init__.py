"""Values and pure functions over certificates: no IO, no clock."""
