"""How many points: the plain meaning and the fast engines that equal it."""
