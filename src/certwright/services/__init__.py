"""Who uses certificates: services, their endpoints, and what is saved and active there."""
