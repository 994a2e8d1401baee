"""A recording understood without a model: the script is spoken by the embedded voice and laid over it."""
