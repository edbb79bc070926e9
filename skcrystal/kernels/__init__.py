"""Loops that numpy cannot express, compiled by numba; imported only when they run."""
