"""What a network may send: broken, absurd, or far too much of it."""
