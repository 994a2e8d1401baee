"""A visit to a running site over HTTP, as a customer and a customer's program make it: for after each deployment."""
