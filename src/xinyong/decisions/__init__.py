"""What follows from a score: decisions, notices, disputes, listings. No disk, no clock."""
