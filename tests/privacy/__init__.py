"""Privacy as a property: whatever is asked by whomever, compared with a model of who may read what."""
