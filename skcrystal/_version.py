"""The version: what keys of cached rows and saved models hold."""

__version__ = "0.1.0.dev0"
