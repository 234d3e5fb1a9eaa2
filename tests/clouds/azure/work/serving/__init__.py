"""What answers calls: a server process for each deployment and each revision."""
