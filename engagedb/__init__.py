"""The spine of engagedb: command line, settings, errors, output."""
