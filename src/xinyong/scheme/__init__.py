"""What a scheme says: the model, the reader, expressions, checks."""
