"""How the trained parts are made; each file is a program of its own."""
