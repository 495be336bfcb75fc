"""Half an hour of renewals under traffic and kills: what a release has to stand. `make soak`."""
