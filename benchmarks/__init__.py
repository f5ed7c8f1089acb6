"""What the parts cost; run by scripts/bench."""
