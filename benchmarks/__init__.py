"""What is measured beside peers; each file is a program of its own."""
