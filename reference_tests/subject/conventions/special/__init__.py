"""Readers of what is read in a way of its own: layers beyond the usual ones, whole networks, tensors with autograd."""
