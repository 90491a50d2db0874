"""The charter: a scheme read against dated law before it may touch a person."""
