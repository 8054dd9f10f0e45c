"""The checks, by what they are about: each room has `RULES`, what is checked in words and how."""
