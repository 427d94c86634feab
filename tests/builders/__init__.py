"""Builders fill in what a rule does not mention."""
