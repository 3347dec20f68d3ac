"""What a request costs: a data set of the peers' size, the four requests, and a load."""
