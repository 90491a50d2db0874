"""Records of two sources that are about one person or firm: found, doubted, decided, undone."""
