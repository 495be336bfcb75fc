from hypothesis import settings

# No time limit for a single example: on a busy machine it fails for no reason.
settings.register_profile("certwright", deadline=None)
settings.load_profile("certwright")
