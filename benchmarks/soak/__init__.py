"""Days of a whole site in an hour: piles, people and misfortunes against a Home Assistant that is restarted and killed."""
