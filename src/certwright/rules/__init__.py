"""Is this certificate right for this server? One small pure function a rule."""
