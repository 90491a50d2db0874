"""What happened: events and how they are taken in."""
