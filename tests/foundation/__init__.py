"""What every floor stands on, held to its word."""
