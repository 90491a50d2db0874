"""A synthetic town: nobody in it exists. Drawn, scored, explained, and shown on one page."""
