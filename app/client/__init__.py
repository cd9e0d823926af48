"""`hndp remote`: commands on a studio that runs elsewhere, through its JSON API."""
