"""The virtual pile, against a platform that speaks raw bytes."""
