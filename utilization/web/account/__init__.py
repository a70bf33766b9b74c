"""Signing in and out, passwords, and the demo people."""
