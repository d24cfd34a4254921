"""What can be configured: tool descriptions, parameter schemas, environment variables."""
