"""How it runs: settings, HTTP, the token endpoint, the command line, and work by the clock."""
