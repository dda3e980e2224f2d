"""The types of a request's params, as the SDK has them, and what is wrong with one that is not of them."""
