"""Where certificates live: a machine, a location and a store name."""
