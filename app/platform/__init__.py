"""Settings, database, durable jobs, artefacts, pages: what every feature stands on."""
