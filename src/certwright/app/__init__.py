"""The web application that runs behind the front."""
