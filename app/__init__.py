"""The studio: web server, durable jobs, robot cell and command line around `hndp_core`."""
